namespace Splade.Training.Networks;

/// <summary>Every parameter of a network with its shape.</summary>
internal static class BertShapes
{
    public static IEnumerable<(string Name, long[] Shape)> Of(BertConfig config)
    {
        var names = new BertNames(config);
        long hidden = config.Hidden, inner = config.FeedForward, vocabulary = config.VocabularySize;
        yield return (names.Words, [vocabulary, hidden]);
        yield return (names.Positions, [config.Positions, hidden]);
        if (config.Segments > 0)
        {
            yield return (names.Segments, [config.Segments, hidden]);
        }

        var parts = Norm(names.EmbeddingNorm, hidden);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            parts = [
                .. parts,
                .. Linear(names.Query(layer), hidden, hidden), .. Linear(names.Key(layer), hidden, hidden), .. Linear(names.Value(layer), hidden, hidden),
                .. Linear(names.AttentionOutput(layer), hidden, hidden), .. Norm(names.AttentionNorm(layer), hidden),
                .. Linear(names.FeedForwardIn(layer), inner, hidden), .. Linear(names.FeedForwardOut(layer), hidden, inner), .. Norm(names.OutputNorm(layer), hidden),
            ];
        }

        foreach (var part in parts)
        {
            yield return part;
        }

        foreach (var part in Linear(names.HeadDense, hidden, hidden).Concat(Norm(names.HeadNorm, hidden)))
        {
            yield return part;
        }

        if (!config.TiedDecoder)
        {
            yield return (names.Decoder, [vocabulary, hidden]);
        }

        yield return (names.DecoderBias, [vocabulary]);
    }

    private static (string, long[])[] Linear(string name, long outputs, long inputs) => [(name + ".weight", [outputs, inputs]), (name + ".bias", [outputs])];

    private static (string, long[])[] Norm(string name, long size) => [(name + ".weight", [size]), (name + ".bias", [size])];
}
