using System.Globalization;
using Splade.Encoding;
using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;

namespace Splade.Cli.Commands.Models;

/// <summary>Tries a sparse model on a sample.</summary>
internal static class SparseCheck
{
    private const int TopTerms = 12;

    public static ModelCheck Run(string data, string model, string text, EncoderOptions options, CancellationToken cancellationToken)
    {
        using var registry = new ModelRegistry(data, options);
        var (encoder, loading) = CheckTools.Time(() => registry.Open(model));
        using var _ = encoder;
        var whole = new EncodingSettings { Pruning = PruneSettings.None, QueryPruning = PruneSettings.None };
        var inPassages = EncodingSettings.Default with { Chunking = ChunkingSettings.Default };
        var document = encoder.EncodeDocuments([text], inPassages, cancellationToken)[0];
        var query = encoder.EncodeQuery(text, cancellationToken);
        var tokens = encoder.Tokenize(text);
        return new ModelCheck(
            encoder.Description.Name,
            options.Provider.ToString().ToUpperInvariant(),
            encoder.Description.Provider,
            encoder.Description.VocabularySize,
            tokens.Length,
            document.Passages,
            document.UnprunedCount,
            document.Indices.Length,
            query.UnprunedCount,
            query.Indices.Length,
            Top(encoder, document),
            Top(encoder, query),
            encoder.Description.Similarity == Similarity.Cosine ? "cosine" : "dot",
            loading,
            CheckTools.Median(() => encoder.EncodeDocuments([text], inPassages, cancellationToken)),
            CheckTools.Median(() => encoder.EncodeQuery(text, cancellationToken)),
            encoder.Description.Provider == "CPU" ? null : Difference(data, model, text, options, encoder.EncodeDocuments([text], whole, cancellationToken)[0]),
            [.. Warnings(encoder, document, query, tokens)]);
    }

    /// <summary>The largest difference between the device's weights and the CPU's.</summary>
    private static double Difference(string data, string model, string text, EncoderOptions options, EncodedText onDevice)
    {
        using var registry = new ModelRegistry(data, options with { Provider = ExecutionProvider.Cpu });
        using var encoder = registry.Open(model);
        var onCpu = encoder.EncodeDocuments([text], new EncodingSettings { Pruning = PruneSettings.None }, CancellationToken.None)[0];
        var expected = onCpu.Indices.Zip(onCpu.Weights).ToDictionary();
        var found = onDevice.Indices.Zip(onDevice.Weights).ToDictionary();
        return expected.Keys.Union(found.Keys).Select(i => Math.Abs(expected.GetValueOrDefault(i) - found.GetValueOrDefault(i))).DefaultIfEmpty(0f).Max();
    }

    private static IEnumerable<string> Warnings(ISparseEncoder encoder, EncodedText document, EncodedText query, IReadOnlyList<TextToken> tokens)
    {
        if (document.Indices.Length == 0)
        {
            yield return "The document vector is empty: nothing will be found with this model.";
        }

        if (document.Indices.Length > Math.Max(1000, encoder.Description.VocabularySize / 20))
        {
            yield return "The document vector is not sparse. Is this a trained SPLADE model? If so, prune it: \"document\": {\"prune_type\": \"top_k\", \"prune_ratio\": 400} in splade.json.";
        }

        if (query.Indices.Length > 200)
        {
            yield return "The query vector is long, so searches are slow: prune it with \"query\": {\"prune_type\": \"top_k\", \"prune_ratio\": 40} in splade.json.";
        }

        var unknown = tokens.Count(t => t.Token is "[UNK]" or "<unk>");
        if (unknown * 5 > tokens.Count)
        {
            yield return $"{unknown} of {tokens.Count} tokens are unknown to the vocabulary: is it made for this language?";
        }

        var own = tokens.Select(t => t.Id).ToHashSet();
        if (document.Indices.Length > 0 && !Strongest(document).Take(TopTerms).Any(i => own.Contains(document.Indices[i])))
        {
            yield return "None of the strongest terms is a word of the text: tokenizer and weights may not belong together.";
        }

        if (document.Truncated)
        {
            yield return $"The text is longer than the {encoder.Description.MaxTokens} tokens that the model takes; its end was left out.";
        }
    }

    private static TermWeight[] Top(ISparseEncoder encoder, EncodedText vector) =>
        [.. Strongest(vector).Take(TopTerms).Select(i => new TermWeight(encoder.GetFeature(vector.Indices[i]), vector.Weights[i]))];

    private static IEnumerable<int> Strongest(EncodedText vector) => Enumerable.Range(0, vector.Indices.Length).OrderByDescending(i => vector.Weights[i]);

    public static IEnumerable<(string Name, string Value)> Rows(ModelCheck check) =>
    [
        .. check.Similarity == "dot" ? Array.Empty<(string, string)>() : [("similarity", $"{check.Similarity}: vectors are made as long as 1 when they are indexed and searched")],
        ("document", Format($"{check.Tokens} tokens{CheckTools.InPassages(check.Passages)}, {check.DocumentNonZeros} non-zeros{Pruned(check.DocumentNonZerosBeforePruning, check.DocumentNonZeros)} of {check.VocabularySize}")),
        ("query", Format($"{check.QueryNonZeros} non-zeros{Pruned(check.QueryNonZerosBeforePruning, check.QueryNonZeros)}")),
        ("document terms", Terms(check.DocumentTerms)),
        ("query terms", Terms(check.QueryTerms)),
    ];

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Pruned(int before, int after) => before == after ? "" : $" (pruned from {before})";

    private static string Terms(TermWeight[] terms) => string.Join(", ", terms.Select(t => Format($"{t.Term} {t.Weight:0.00}")));
}
