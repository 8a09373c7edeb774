using System.Globalization;
using Splade.Evaluation;

namespace Splade.Training.Data;

/// <summary>
/// Pairs and triplets in the usual formats, gzipped or not:
/// <list type="bullet">
/// <item>TSV: query, positive[, negative ...], as MS MARCO's triples; or score of positive, score of negative, query, positive, negative (Margin-MSE files);</item>
/// <item>JSONL: objects as sentence-transformers, FlagEmbedding and Tevatron have them, or ColBERT's lists of ids, see <see cref="JsonExample"/>.</item>
/// </list>
/// With a collection the texts are ids of its queries and documents.
/// </summary>
internal static class ExampleFile
{
    /// <exception cref="TrainingDataException">A line is malformed; the message names file and line.</exception>
    public static IEnumerable<TrainingExample> Read(string path, BeirCollection? collection = null)
    {
        path = JsonLines.Find(path);
        return path.Contains(".jsonl", StringComparison.Ordinal) || path.Contains(".ndjson", StringComparison.Ordinal)
            ? FromJson(path, collection)
            : FromTsv(path, collection);
    }

    private static IEnumerable<TrainingExample> FromJson(string path, BeirCollection? collection)
    {
        var texts = new ExampleTexts(collection);
        foreach (var (value, line) in JsonLines.Read(path, lists: true))
        {
            TrainingExample[] examples;
            try
            {
                examples = [.. JsonExample.Read(value, texts)];
            }
            catch (FormatException exception)
            {
                throw new TrainingDataException($"{path}, line {line}: {exception.Message}.", exception);
            }

            foreach (var example in examples)
            {
                yield return example;
            }
        }
    }

    private static IEnumerable<TrainingExample> FromTsv(string path, BeirCollection? collection)
    {
        var texts = new ExampleTexts(collection);
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
                if (!float.IsFinite(first) || !float.IsFinite(second))
                {
                    throw new TrainingDataException($"{path}, line {number}: the scores {parts[0]} and {parts[1]} must be finite numbers.");
                }

                scores = [first, second];
                parts = parts[2..];
            }

            if (parts.Length < 2 || parts.Any(string.IsNullOrWhiteSpace))
            {
                throw new TrainingDataException($"{path}, line {number}: expected query, positive[, negative ...], or two scores, query, positive, negative, with tabs between.");
            }

            TrainingExample example;
            try
            {
                example = new TrainingExample(texts.Query(parts[0]), texts.Document(parts[1]), [.. parts[2..].Select(texts.Document)], scores);
            }
            catch (FormatException exception)
            {
                throw new TrainingDataException($"{path}, line {number}: {exception.Message}.", exception);
            }

            yield return example;
        }
    }

    private static float? Score(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var score) ? score : null;
}
