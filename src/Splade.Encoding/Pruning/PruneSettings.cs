using System.Globalization;

namespace Splade.Encoding.Pruning;

/// <summary>How a sparse vector is pruned (<c>prune_type</c> and <c>prune_ratio</c>).</summary>
/// <param name="Ratio">k, a share, or a weight, as <paramref name="Type"/> says; 0 for none.</param>
public sealed record PruneSettings(PruneType Type, float Ratio)
{
    private static readonly (string Name, PruneType Type)[] Names =
    [
        ("none", PruneType.None), ("top_k", PruneType.TopK), ("max_ratio", PruneType.MaxRatio), ("alpha_mass", PruneType.AlphaMass), ("abs_value", PruneType.AbsValue),
    ];

    public static PruneSettings None { get; } = new(PruneType.None, 0f);

    /// <summary>The type as it is written in settings.</summary>
    public string TypeName => Array.Find(Names, n => n.Type == Type).Name;

    /// <summary>Reads the two settings; null when neither is there.</summary>
    /// <exception cref="FormatException">An unknown type, or a ratio that it can't have; the message names the setting.</exception>
    public static PruneSettings? Parse(string? type, double? ratio, string prefix = "")
    {
        if (type is null)
        {
            return ratio is null ? null : throw new FormatException($"[{prefix}prune_ratio] needs [{prefix}prune_type], one of [{KnownTypes}]");
        }

        var index = Array.FindIndex(Names, n => n.Name == type);
        if (index < 0)
        {
            throw new FormatException($"[{prefix}prune_type] of [{type}] is unknown: give one of [{KnownTypes}]");
        }

        var known = Names[index].Type;
        if (known == PruneType.None)
        {
            return ratio is null ? None : throw new FormatException($"[{prefix}prune_ratio] has no meaning with [{prefix}prune_type] of [none]");
        }

        var value = ratio ?? throw new FormatException($"[{prefix}prune_type] of [{type}] needs [{prefix}prune_ratio]");
        var expected = known switch
        {
            PruneType.TopK => value is >= 1 and <= int.MaxValue && Math.Floor(value) == value ? null : "a whole number of 1 or more",
            PruneType.MaxRatio => value is >= 0 and < 1 ? null : "a number from 0 to less than 1",
            PruneType.AlphaMass => value is > 0 and <= 1 ? null : "a number above 0 and not above 1",
            _ => value > 0 && double.IsFinite(value) ? null : "a number above 0",
        };
        return expected is null
            ? new PruneSettings(known, (float)value)
            : throw new FormatException($"[{prefix}prune_ratio] of [{value.ToString(CultureInfo.InvariantCulture)}] must be {expected} for [{prefix}prune_type] of [{type}]");
    }

    private static string KnownTypes => string.Join(", ", Names.Select(n => n.Name));
}
