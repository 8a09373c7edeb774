using Splade.Training.Networks;

namespace Splade.Training;

/// <summary>Sizes of a network from scratch: layers x width.</summary>
internal enum Preset
{
    /// <summary>2 x 128: a step takes about a second of one core.</summary>
    Tiny,

    /// <summary>4 x 256.</summary>
    Mini,

    /// <summary>6 x 384.</summary>
    Small,

    /// <summary>12 x 768, BERT base.</summary>
    Base,
}

internal static class Presets
{
    public static BertConfig Config(this Preset preset, int vocabulary, int positions)
    {
        var (layers, hidden) = preset switch
        {
            Preset.Tiny => (2, 128),
            Preset.Mini => (4, 256),
            Preset.Small => (6, 384),
            _ => (12, 768),
        };
        return new BertConfig
        {
            VocabularySize = vocabulary, Hidden = hidden, Layers = layers, Heads = hidden / (preset == Preset.Tiny ? 32 : 64), FeedForward = hidden * 4, Positions = positions,
        };
    }
}
