using System.Globalization;
using System.Text.Json;

namespace Splade.Training.Data;

/// <summary>
/// A line of JSON as training examples, one for each positive:
/// <list type="bullet">
/// <item>an object with query (anchor, question), positive (pos, text, answer, document) and negatives (negative, neg; negative_1, negative_2, ...), each one
/// text or a list, or Tevatron's positive_passages and negative_passages;</item>
/// <item>the teacher's word in it: scores (of the positives, then of the negatives), pos_scores and neg_scores (FlagEmbedding), or label (score, margins):
/// the margin of the positive over each negative, as sentence-transformers' Margin-MSE data has it;</item>
/// <item>ColBERT's lists of ids, [query, positive, negative, ...], each document with or without a score, [document, score].</item>
/// </list>
/// </summary>
internal static class JsonExample
{
    private static readonly string[] PositiveNames = ["positive", "positives", "pos", "text", "answer", "document", "positive_passages"];
    private static readonly string[] NegativeNames = ["negatives", "negative", "neg", "negative_passages"];
    private static readonly string[] MarginNames = ["margins", "label", "score"];

    /// <exception cref="FormatException">Something is missing or does not fit; the message says what.</exception>
    public static IEnumerable<TrainingExample> Read(JsonElement value, ExampleTexts texts) =>
        value.ValueKind == JsonValueKind.Array ? [FromList(value, texts)] : FromObject(value, texts);

    private static IEnumerable<TrainingExample> FromObject(JsonElement value, ExampleTexts texts)
    {
        var query = JsonLines.Text(value, "query", "anchor", "question");
        string[] positives = PositiveNames.Select(n => Texts(value, n)).FirstOrDefault(t => t.Length > 0) ?? [];
        if (string.IsNullOrWhiteSpace(query) || positives.Length == 0 || positives.Any(string.IsNullOrWhiteSpace))
        {
            throw new FormatException("expected a query (or anchor, question) and a positive (or pos, text, answer, document)");
        }

        string[] negatives = [.. NegativeNames.SelectMany(n => Texts(value, n)), .. Numbered(value)];
        string[] right = [.. positives.Select(texts.Document)], wrong = [.. negatives.Select(texts.Document)];
        var asked = texts.Query(query);
        var scores = Scores(value, positives.Length, negatives.Length, out var areMargins);
        return right.Select((positive, i) => new TrainingExample(asked, positive, wrong, scores is null ? null : [scores[i], .. scores[right.Length..]])
        {
            HasMarginsOnly = areMargins,
        });
    }

    private static IEnumerable<string> Numbered(JsonElement value)
    {
        for (var i = 1; JsonLines.Text(value, string.Create(CultureInfo.InvariantCulture, $"negative_{i}")) is { } next; i++)
        {
            yield return next;
        }
    }

    /// <summary>Of the positives, then of the negatives; null without a teacher.</summary>
    /// <param name="areMargins">Only their differences say something.</param>
    private static float[]? Scores(JsonElement value, int positives, int negatives, out bool areMargins)
    {
        areMargins = false;
        if (value.TryGetProperty("scores", out var all))
        {
            return Numbers(all) is { } given && given.Length == positives + negatives
                ? given
                : throw new FormatException($"expected {positives + negatives} scores, of {(positives == 1 ? "the positive" : "the positives")} and of each negative");
        }

        if (value.TryGetProperty("pos_scores", out var ofPositives) && value.TryGetProperty("neg_scores", out var ofNegatives))
        {
            return Numbers(ofPositives) is { } right && right.Length == positives && Numbers(ofNegatives) is { } wrong && wrong.Length == negatives
                ? [.. right, .. wrong]
                : throw new FormatException($"expected {positives} pos_scores and {negatives} neg_scores");
        }

        var name = Array.Find(MarginNames, n => value.TryGetProperty(n, out _));
        if (name is null || negatives == 0)
        {
            return null;
        }

        var margins = Numbers(value.GetProperty(name));
        if (positives == 1 && margins?.Length == negatives + 1)
        {
            return margins;
        }

        areMargins = true;
        return positives == 1 && margins?.Length == negatives
            ? [0, .. margins.Select(m => -m)]
            : throw new FormatException($"expected as {name} the margin of one positive over each of {negatives} negatives, or {negatives + 1} scores");
    }

    private static TrainingExample FromList(JsonElement list, ExampleTexts texts)
    {
        var entries = list.EnumerateArray().ToArray();
        if (!texts.AreIds)
        {
            throw new FormatException("a list of ids needs the collection that they mean (--collection)");
        }

        if (entries.Length < 2)
        {
            throw new FormatException("expected [query, positive, negative, ...]");
        }

        string[] documents = [.. entries[1..].Select(e => texts.Document(Id(e.ValueKind == JsonValueKind.Array && e.GetArrayLength() == 2 ? e[0] : e)))];
        var isScored = entries[1].ValueKind == JsonValueKind.Array;
        var scores = isScored ? Array.ConvertAll(entries[1..], Score) : null;
        return new TrainingExample(texts.Query(Id(entries[0])), documents[0], documents[1..], scores);
    }

    private static float Score(JsonElement entry) => entry.ValueKind == JsonValueKind.Array && entry.GetArrayLength() == 2 && entry[1].ValueKind == JsonValueKind.Number
        ? Finite(entry[1])
        : throw new FormatException("expected a score with each document, [document, score]");

    private static string Id(JsonElement id) => id.ValueKind is JsonValueKind.String or JsonValueKind.Number
        ? id.ToString()
        : throw new FormatException("expected ids of a query and of documents");

    private static float[]? Numbers(JsonElement value) => value.ValueKind == JsonValueKind.Number ? [Finite(value)]
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(n => n.ValueKind == JsonValueKind.Number) ? [.. value.EnumerateArray().Select(Finite)]
        : null;

    private static float Finite(JsonElement number) => number.GetSingle() is var value && float.IsFinite(value)
        ? value
        : throw new FormatException($"the score {number} is too large");

    /// <summary>One text, a list of them, or a list of passages with title and text.</summary>
    private static string[] Texts(JsonElement value, string name) => !value.TryGetProperty(name, out var texts) ? []
        : texts.ValueKind == JsonValueKind.Array ? [.. texts.EnumerateArray().Select(Passage)]
        : texts.ValueKind == JsonValueKind.Null ? []
        : [Passage(texts)];

    private static string Passage(JsonElement passage) => passage.ValueKind switch
    {
        JsonValueKind.String => passage.GetString()!,
        JsonValueKind.Number => passage.ToString(),
        JsonValueKind.Object when JsonLines.Text(passage, "text") is { } text => JsonLines.Text(passage, "title") is { Length: > 0 } title ? $"{title} {text}" : text,
        _ => throw new FormatException("expected texts, or passages with title and text"),
    };
}
