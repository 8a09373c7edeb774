using System.Text.Json;

namespace Splade.Encoding.Architectures;

/// <summary>Which layers of a ModernBERT see the whole text, and the rotary frequencies of both kinds.</summary>
internal sealed class ModernBertLayers
{
    private const string Global = "full_attention";
    private const string Local = "sliding_attention";
    private readonly string[]? _types;
    private readonly int _every;

    /// <summary>Reads the settings of transformers 5 (layer_types, rope_parameters) and of releases before (global_attn_every_n_layers, *_rope_theta).</summary>
    /// <exception cref="ModelPackageException">Settings that contradict each other or are not supported.</exception>
    public ModernBertLayers(ModelConfig config, int count, int headWidth)
    {
        if (headWidth % 2 != 0)
        {
            throw config.Error("num_attention_heads", $"rotary positions need an even head width, not {headWidth}");
        }

        _every = config.Positive("global_attn_every_n_layers", 3);
        _types = config.Texts("layer_types");
        if (_types is not null && (_types.Length != count || _types.Any(t => t is not (Global or Local))))
        {
            throw config.Error("layer_types", $"expected {count} of {Global} and {Local}");
        }

        if (config.Object("rope_scaling") is { } scaling)
        {
            RequireDefault(config, "rope_scaling", scaling);
            RequireKeys(config, "rope_scaling", scaling, "rope_type", "type");
        }

        if (config.Object("rope_parameters") is { } rotary)
        {
            RequireKeys(config, "rope_parameters", rotary, Global, Local);
        }

        // Releases 4 take a local theta of null for the global one.
        var theta = Theta(config, Global, "global_rope_theta", 160_000);
        GlobalFrequencies = Frequencies(theta, headWidth);
        LocalFrequencies = Frequencies(Theta(config, Local, "local_rope_theta", config.IsNull("local_rope_theta") ? theta : 10_000), headWidth);
        Reach = config.Positive("local_attention", 128) / 2;
    }

    /// <summary>Radians a position of each pair of dimensions, [head width / 2].</summary>
    public float[] GlobalFrequencies { get; }

    /// <inheritdoc cref="GlobalFrequencies"/>
    public float[] LocalFrequencies { get; }

    /// <summary>Farthest key that a local layer sees, in positions.</summary>
    public int Reach { get; }

    public bool IsGlobal(int layer) => _types is null ? layer % _every == 0 : _types[layer] == Global;

    private static double Theta(ModelConfig config, string kind, string oldName, double otherwise)
    {
        if (config.Object("rope_parameters") is { } all && all.TryGetProperty(kind, out var rope) && rope.ValueKind == JsonValueKind.Object)
        {
            RequireDefault(config, "rope_parameters", rope);
            if (config.Real(rope, "rope_theta") is { } theta)
            {
                return theta;
            }
        }

        return config.Real(oldName, otherwise);
    }

    /// <summary>A theta that stands elsewhere than where it is looked for must not be passed over.</summary>
    private static void RequireKeys(ModelConfig config, string setting, JsonElement rope, params string[] known)
    {
        if (rope.EnumerateObject().FirstOrDefault(p => p.Value.ValueKind != JsonValueKind.Null && !known.Contains(p.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } other)
        {
            throw config.Error(setting, $"[{other.Name}] is not expected there, only {string.Join(" and ", known)}");
        }
    }

    private static void RequireDefault(ModelConfig config, string setting, JsonElement rope)
    {
        foreach (var name in new[] { "rope_type", "type" })
        {
            if (rope.TryGetProperty(name, out var type) && type.ValueKind != JsonValueKind.Null
                && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("default")))
            {
                throw config.Error(setting, "only the rope type default is supported");
            }
        }

        if (config.Real(rope, "partial_rotary_factor") is not (null or 1.0))
        {
            throw config.Error(setting, "a partial_rotary_factor is not supported");
        }
    }

    /// <summary>theta^(-2i/width) (arXiv 2104.09864), in float32 as the reference computes it.</summary>
    private static float[] Frequencies(double theta, int width) =>
        [.. Enumerable.Range(0, width / 2).Select(i => 1f / MathF.Pow((float)theta, 2f * i / width))];
}
