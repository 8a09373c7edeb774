using System.Collections.Immutable;

namespace Splade.Index;

/// <summary>
/// Leaves the weakest features of a document's vector out of its field (static pruning: Lassance et al., 2023): a smaller index and faster searches at a
/// small loss. Exact searches are then exact over what is left.
/// </summary>
public sealed record StaticPruning
{
    /// <summary>Strongest features to keep; null for all.</summary>
    public int? MaxFeatures { get; init; }

    /// <summary>Features below this share of the vector's largest weight are left out, 0 to 1.</summary>
    public float MinShareOfLargest { get; init; }

    /// <summary>
    /// Indexes what is left out in a field of its own, <see cref="RestField"/>. A <see cref="SumQuery"/> over both then searches the whole vectors.
    /// </summary>
    public bool KeepRest { get; init; }

    /// <summary>Ends the name of a field that takes what is left out of another; no other field's name may end so.</summary>
    public const string RestSuffix = "#rest";

    /// <summary>The field that takes what is left out of a field.</summary>
    public static string RestField(string field) => field + RestSuffix;

    internal void Validate()
    {
        if (MaxFeatures < 1)
        {
            throw new ArgumentException($"Pruning must keep at least one feature, but keeps {MaxFeatures}.");
        }

        if (!(MinShareOfLargest is >= 0 and <= 1))
        {
            throw new ArgumentException($"The share of the largest weight must be 0 to 1, but is {MinShareOfLargest}.");
        }
    }

    /// <summary>The field with its strongest features, and what is left out where that is to be kept and is not nothing.</summary>
    public IEnumerable<SparseField> Prune(SparseField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var ordered = field.Features.OrderByDescending(f => f.Weight).ThenBy(f => f.Feature, StringComparer.Ordinal).ToArray();
        var least = ordered.Length == 0 ? 0 : ordered[0].Weight * MinShareOfLargest;
        var kept = ordered.Take(MaxFeatures ?? int.MaxValue).TakeWhile(f => f.Weight >= least).Count();
        yield return field with { Features = ImmutableArray.Create(ordered, 0, kept) };
        if (KeepRest && kept < ordered.Length)
        {
            yield return new SparseField(RestField(field.Name), ImmutableArray.Create(ordered, kept, ordered.Length - kept));
        }
    }
}
