using Splade.Encoding;
using Splade.Evaluation;
using Splade.Training.Data;
using Splade.Training.Runs;

namespace Splade.Training.Tuning;

/// <summary>Documents and judged queries of a BEIR folder as a model's vectors, not pruned.</summary>
internal sealed record EncodedCollection(
    string Name,
    IReadOnlyList<(string Id, EncodedText Vector)> Documents,
    IReadOnlyList<(string Id, EncodedText Vector)> Queries,
    IReadOnlyDictionary<string, Dictionary<string, int>> Judgements,
    Func<int, string> Feature)
{
    private const int DocumentsAtATime = 256;

    /// <summary>Looks whether the folder can be measured on, before anything slow begins.</summary>
    /// <exception cref="TrainingDataException">The folder is no BEIR folder with that split.</exception>
    public static void Check(string folder, string split)
    {
        JsonLines.Find(Path.Combine(folder, "corpus.jsonl"));
        JsonLines.Find(Path.Combine(folder, "queries.jsonl"));
        try
        {
            new BeirFolder(folder).ReadJudgements(split);
        }
        catch (Exception exception) when (exception is FileNotFoundException or FormatException)
        {
            throw new TrainingDataException(exception.Message, exception);
        }
    }

    /// <exception cref="TrainingDataException">The folder is no BEIR folder with that split.</exception>
    public static EncodedCollection Encode(string folder, string split, ISparseEncoder encoder, IRunProgress progress, CancellationToken cancellationToken)
    {
        var collection = BeirCollection.Read(folder);
        var (_, judgements) = collection.ReadPositives(split);
        var settings = new EncodingSettings();
        var documents = new List<(string, EncodedText)>(collection.Documents.Count);
        progress.Begin($"encoding {Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}", 0, collection.Documents.Count);
        foreach (var chunk in collection.Documents.Chunk(DocumentsAtATime))
        {
            var vectors = encoder.EncodeDocuments([.. chunk.Select(d => d.Value)], settings, cancellationToken);
            documents.AddRange(chunk.Zip(vectors, (document, vector) => (document.Key, vector)));
            progress.Advance(documents.Count);
        }

        progress.End();
        var queries = new BeirFolder(folder).ReadQueries(judgements).Select(q => (q.Id, encoder.EncodeQuery(q.Text, settings, cancellationToken))).ToArray();
        return queries.Length > 0
            ? new EncodedCollection(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), documents, queries, judgements, encoder.GetFeature)
            : throw new TrainingDataException($"{folder} has no queries with judgements in the split {split}.");
    }
}
