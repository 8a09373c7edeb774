using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splade.Cli.Commands;

/// <summary>What a table shows of a hit.</summary>
internal static class HitText
{
    private const int SnippetLength = 90;
    private const int ShownTerms = 6;

    /// <summary>Title and text; of a document with neither, the searched field, or all of it. One line, cut between characters as a reader sees them.</summary>
    public static string Snippet(JsonNode? source, string field)
    {
        var text = string.Join(": ", new[] { Text(source?["title"]), Text(source?["text"]) }.Where(v => v.Length > 0));
        if (text.Length == 0)
        {
            text = Text(source?[field]) is { Length: > 0 } searched ? searched : source?.ToJsonString(JsonOutput.Compact) ?? "";
        }

        var end = 0;
        for (var shown = 0; shown < SnippetLength && end < text.Length; shown++)
        {
            end += StringInfo.GetNextTextElementLength(text, end);
        }

        return OneLine(text[..end]) + (end < text.Length ? "…" : "");
    }

    /// <summary>The strongest terms. The explanation names a part <c>weight(field:feature), ...</c>.</summary>
    public static string Terms(JsonNode? explanation) => string.Join(
        ", ",
        (explanation?["details"]?.AsArray() ?? []).Take(ShownTerms).Select(part =>
        {
            var description = (string)part!["description"]!;
            var start = description.IndexOf(':', StringComparison.Ordinal) + 1;
            var end = description.IndexOf("), ", start, StringComparison.Ordinal);
            return string.Create(CultureInfo.InvariantCulture, $"{OneLine(end < 0 ? description : description[start..end])} {(float)part["value"]!:0.00}");
        }));

    /// <summary>A document must not move the cursor of the terminal or colour it.</summary>
    public static string OneLine(string text) => string.Create(text.Length, text, static (target, text) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            target[i] = char.IsControl(text[i]) ? ' ' : text[i];
        }
    });

    private static string Text(JsonNode? value) => value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.String ? (string)scalar! : "";
}
