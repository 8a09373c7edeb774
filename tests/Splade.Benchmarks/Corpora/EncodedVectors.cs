using Splade.Encoding;
using Splade.Evaluation.Collections;

namespace Splade.Benchmarks.Corpora;

/// <summary>Passages and queries encoded by the default model.</summary>
internal static class EncodedVectors
{
    private const int Batch = 256;

    public static (VectorReader Documents, VectorReader Queries) Of(string[] passages, IEnumerable<string> queries, CancellationToken cancellationToken)
    {
        using var models = new ModelRegistry(Path.GetTempPath());
        var encoder = models.Get(ModelRegistry.DefaultModel);
        var vocabulary = Vocabulary.OfWords();
        var documents = new List<SparseVector>(passages.Length);
        foreach (var batch in passages.Chunk(Batch))
        {
            documents.AddRange(encoder.EncodeDocuments(batch, cancellationToken).Select(e => Row(documents.Count, e, encoder, vocabulary)));
        }

        var asked = queries.Select((text, q) => Row(q, encoder.EncodeQuery(text, cancellationToken), encoder, vocabulary)).ToArray();
        return (
            new GeneratedVectors($"{documents.Count} passages encoded by {ModelRegistry.DefaultModel}", vocabulary, documents.Count, d => documents[d]),
            new GeneratedVectors("encoded queries", vocabulary, asked.Length, q => asked[q]));
    }

    private static SparseVector Row(int number, EncodedText text, ISparseEncoder encoder, Vocabulary vocabulary) =>
        new($"{number}", Array.ConvertAll(text.Indices, i => vocabulary.Number(encoder.GetFeature(i))), text.Weights);
}
