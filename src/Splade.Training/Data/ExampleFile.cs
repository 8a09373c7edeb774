using System.Globalization;
using System.Text.Json;
using Splade.Evaluation;

namespace Splade.Training.Data;

/// <summary>
/// Pairs and triplets in the usual formats, gzipped or not:
/// <list type="bullet">
/// <item>TSV: query, positive[, negative ...], as MS MARCO's triples; or score of positive, score of negative, query, positive, negative (Margin-MSE files);</item>
/// <item>JSONL: query (anchor, question), positive (pos, text, answer, document), optionally negative(s) (neg) as one text or a list, or negative_1,
/// negative_2, ... and scores (of the positive, then of each negative).</item>
/// </list>
/// With a collection the texts of a TSV file are ids of its queries and documents.
/// </summary>
internal static class ExampleFile
{
    private static readonly string[] NegativeNames = ["negatives", "negative", "neg"];

    /// <exception cref="TrainingDataException">A line is malformed; the message names file and line.</exception>
    public static IEnumerable<TrainingExample> Read(string path, BeirCollection? collection = null)
    {
        path = JsonLines.Find(path);
        return path.Contains(".jsonl", StringComparison.Ordinal) || path.Contains(".ndjson", StringComparison.Ordinal)
            ? JsonLines.Read(path).Select(l => FromJson(l.Value, path, l.Line))
            : FromTsv(path, collection);
    }

    private static IEnumerable<TrainingExample> FromTsv(string path, BeirCollection? collection)
    {
        var queries = collection?.ReadQueries();
        var number = 0;
        foreach (var line in TextFiles.Lines(path))
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            var parts = line.Split('\t');
            float[]? scores = null;
            if (parts.Length == 5 && Score(parts[0]) is { } first && Score(parts[1]) is { } second)
            {
                scores = [first, second];
                parts = parts[2..];
            }

            if (parts.Length < 2 || parts.Any(string.IsNullOrWhiteSpace))
            {
                throw new TrainingDataException($"{path}, line {number}: expected query, positive[, negative ...], or two scores, query, positive, negative, with tabs between.");
            }

            yield return new TrainingExample(
                queries is null ? parts[0] : Lookup(queries, parts[0], "query"),
                collection is null ? parts[1] : Lookup(collection.Documents, parts[1], "document"),
                [.. parts[2..].Select(p => collection is null ? p : Lookup(collection.Documents, p, "document"))],
                scores);
        }

        string Lookup(IReadOnlyDictionary<string, string> texts, string id, string kind) => texts.TryGetValue(id, out var text)
            ? text
            : throw new TrainingDataException($"{path}, line {number}: the collection has no {kind} with the id {id}.");
    }

    private static TrainingExample FromJson(JsonElement value, string path, int line)
    {
        var query = JsonLines.Text(value, "query", "anchor", "question");
        var positive = JsonLines.Text(value, "positive", "pos", "text", "answer", "document") ?? Texts(value, "positive").Concat(Texts(value, "pos")).FirstOrDefault();
        if (string.IsNullOrWhiteSpace(query) || string.IsNullOrWhiteSpace(positive))
        {
            throw new TrainingDataException($"{path}, line {line}: expected a query (or anchor, question) and a positive (or text, answer, document).");
        }

        string[] negatives = [.. NegativeNames.SelectMany(n => Texts(value, n))];
        for (var i = 1; JsonLines.Text(value, $"negative_{i}") is { } next; i++)
        {
            negatives = [.. negatives, next];
        }

        float[]? scores = null;
        if (value.TryGetProperty("scores", out var given))
        {
            scores = given.ValueKind == JsonValueKind.Array && given.EnumerateArray().All(s => s.ValueKind == JsonValueKind.Number)
                ? [.. given.EnumerateArray().Select(s => s.GetSingle())]
                : [];
            if (scores.Length != negatives.Length + 1)
            {
                throw new TrainingDataException($"{path}, line {line}: expected {negatives.Length + 1} scores, of the positive and of each negative.");
            }
        }

        return new TrainingExample(query, positive, negatives, scores);
    }

    private static IEnumerable<string> Texts(JsonElement value, string name) => !value.TryGetProperty(name, out var texts) ? []
        : texts.ValueKind == JsonValueKind.String ? [texts.GetString()!]
        : texts.ValueKind == JsonValueKind.Array ? texts.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!)
        : [];

    private static float? Score(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && float.IsFinite(score) ? score : null;
}
