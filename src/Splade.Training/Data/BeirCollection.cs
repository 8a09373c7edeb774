using Splade.Evaluation;

namespace Splade.Training.Data;

/// <summary>Documents and queries of a BEIR folder in memory, by id. A document's text is its title and its text.</summary>
internal sealed class BeirCollection
{
    private readonly string _folder;

    private BeirCollection(string folder, Dictionary<string, string> documents)
    {
        _folder = folder;
        Documents = documents;
    }

    public IReadOnlyDictionary<string, string> Documents { get; }

    /// <exception cref="TrainingDataException">A file is missing or malformed.</exception>
    public static BeirCollection Read(string folder)
    {
        var path = JsonLines.Find(Path.Combine(folder, "corpus.jsonl"));
        var documents = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (value, line) in JsonLines.Read(path))
        {
            var id = Id(value, path, line);
            var text = JsonLines.Text(value, "text") ?? throw new TrainingDataException($"{path}, line {line}: the document has no text.");
            var title = JsonLines.Text(value, "title");
            if (!documents.TryAdd(id, string.IsNullOrEmpty(title) ? text : $"{title} {text}"))
            {
                throw new TrainingDataException($"{path}, line {line}: the id {id} is there twice.");
            }
        }

        return documents.Count > 0 ? new BeirCollection(folder, documents) : throw new TrainingDataException($"{path} has no documents.");
    }

    /// <summary>All queries of the folder by id.</summary>
    public Dictionary<string, string> ReadQueries()
    {
        var path = JsonLines.Find(Path.Combine(_folder, "queries.jsonl"));
        var queries = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (value, line) in JsonLines.Read(path))
        {
            queries[Id(value, path, line)] = JsonLines.Text(value, "text") ?? throw new TrainingDataException($"{path}, line {line}: the query has no text.");
        }

        return queries;
    }

    /// <summary>Each judged pair of a split with a grade above 0, and all documents judged for each query.</summary>
    public (List<(string Query, string Document)> Positives, Dictionary<string, Dictionary<string, int>> Judgements) ReadPositives(string split)
    {
        Dictionary<string, Dictionary<string, int>> judgements;
        try
        {
            judgements = new BeirFolder(_folder).ReadJudgements(split);
        }
        catch (Exception exception) when (exception is FileNotFoundException or FormatException)
        {
            throw new TrainingDataException(exception.Message, exception);
        }

        var positives = judgements.SelectMany(q => q.Value.Where(d => d.Value > 0 && Documents.ContainsKey(d.Key)).Select(d => (q.Key, d.Key))).ToList();
        return (positives, judgements);
    }

    private static string Id(System.Text.Json.JsonElement value, string path, int line) =>
        value.TryGetProperty("_id", out var id) && id.ValueKind is System.Text.Json.JsonValueKind.String or System.Text.Json.JsonValueKind.Number
            ? id.ToString()
            : throw new TrainingDataException($"{path}, line {line}: expected an _id.");
}
