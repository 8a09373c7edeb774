using System.Text.Json;
using Splade.Evaluation;

namespace Splade.Lexical;

/// <summary>A text file of one language that belongs to a named source.</summary>
public sealed record TextSource(string Name, string Language, string Path)
{
    /// <param name="text"><c>NAME=LANGUAGE:FILE</c>.</param>
    /// <exception cref="FormatException">The text has another form, or there is no such file.</exception>
    public static TextSource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (equals < 1 || colon < equals + 2 || colon == text.Length - 1)
        {
            throw new FormatException($"'{text}' is no source: expected NAME=LANGUAGE:FILE, such as books=en:books.txt.gz.");
        }

        var path = TextFiles.Find(text[(colon + 1)..]) ?? throw new FormatException($"There is no file {text[(colon + 1)..]}.");
        return new TextSource(text[..equals], text[(equals + 1)..colon], path);
    }

    /// <summary>Passages of the file, evenly taken where there are more than <paramref name="limit"/>.</summary>
    public IEnumerable<string> Passages(int limit)
    {
        var lines = TextFiles.Lines(Path).Count();
        var isCorpus = Path.Contains(".jsonl", StringComparison.Ordinal);
        var step = Math.Max(1, (lines + limit - 1) / limit);
        return TextFiles.Lines(Path).Where((_, i) => i % step == 0).Select(line => isCorpus ? DocumentText(line) : line);
    }

    private static string DocumentText(string line)
    {
        using var json = JsonDocument.Parse(line);
        var title = json.RootElement.TryGetProperty("title", out var t) ? t.GetString() : null;
        return title is { Length: > 0 } ? $"{title} {json.RootElement.GetProperty("text").GetString()}" : json.RootElement.GetProperty("text").GetString() ?? "";
    }
}
