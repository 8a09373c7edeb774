using System.Text.Json;
using Splade.Evaluation;

namespace Splade.Benchmarks.Corpora;

/// <summary>Texts of a file: a text a line, or in the <c>text</c> of a JSON object a line as in a corpus.jsonl; gzipped or not.</summary>
internal static class TextLines
{
    private const string Key = "text";

    /// <exception cref="FormatException">A line starts as an object and is none, or has no text; the message names file and line.</exception>
    public static IEnumerable<string> In(string path) => TextFiles.Lines(path).Select((line, i) => line.StartsWith('{') ? Text(line, path, i + 1) : line);

    private static string Text(string line, string path, int number)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.TryGetProperty(Key, out var text) && text.ValueKind == JsonValueKind.String
                ? text.GetString()!
                : throw new FormatException($"{path}, line {number}: the object has no string '{Key}'.");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{path}, line {number}: {exception.Message}", exception);
        }
    }
}
