using System.Globalization;
using System.Text.Json;

namespace Splade.Evaluation;

/// <summary>A collection in BEIR's layout: corpus.jsonl, queries.jsonl, qrels/{split}.tsv; each may be gzipped.</summary>
public sealed class BeirFolder(string folder)
{
    public string CorpusPath => Require("corpus.jsonl");

    /// <summary>All documents in the order of the file; a text is the title, a blank and the text.</summary>
    /// <exception cref="FormatException">A line is malformed; the message names file and line.</exception>
    public IEnumerable<(string Id, string Text)> ReadDocuments() => Read(CorpusPath, document =>
    {
        var text = document.GetProperty("text").GetString() ?? "";
        return document.TryGetProperty("title", out var title) && title.GetString() is { Length: > 0 } heading ? $"{heading} {text}" : text;
    });

    /// <summary>Queries of a split that have judgements, in the order of the file.</summary>
    /// <exception cref="FormatException">A line is malformed; the message names file and line.</exception>
    public IReadOnlyList<(string Id, string Text)> ReadQueries(IReadOnlyDictionary<string, Dictionary<string, int>> judgements)
    {
        ArgumentNullException.ThrowIfNull(judgements);
        return [.. Read(Require("queries.jsonl"), query => query.GetProperty("text").GetString() ?? "").Where(q => judgements.ContainsKey(q.Id))];
    }

    /// <exception cref="FormatException">A line is malformed; the message names file and line.</exception>
    public Dictionary<string, Dictionary<string, int>> ReadJudgements(string split)
    {
        var path = Require(Path.Combine("qrels", split + ".tsv"));
        var judgements = new Dictionary<string, Dictionary<string, int>>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in TextFiles.Lines(path))
        {
            number++;
            var parts = line.Split('\t');
            if (line.Length == 0 || (number == 1 && parts is ["query-id", ..]))
            {
                continue;
            }

            if (parts.Length != 3 || !int.TryParse(parts[2], NumberStyles.Integer, CultureInfo.InvariantCulture, out var grade))
            {
                throw new FormatException($"{path}, line {number}: expected query, document and grade with tabs between.");
            }

            TrecFiles.Add(judgements, parts[0], parts[1], grade);
        }

        return judgements;
    }

    private static IEnumerable<(string Id, string Text)> Read(string path, Func<JsonElement, string> text)
    {
        var number = 0;
        foreach (var line in TextFiles.Lines(path))
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            (string, string) item;
            try
            {
                using var json = JsonDocument.Parse(line);
                item = (json.RootElement.GetProperty("_id").ToString(), text(json.RootElement));
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new FormatException($"{path}, line {number}: expected an object with _id and text: {exception.Message}", exception);
            }

            yield return item;
        }
    }

    private string Require(string file) => TextFiles.Find(Path.Combine(folder, file))
        ?? throw new FileNotFoundException($"{folder} is no BEIR folder: it has no {file}.", Path.Combine(folder, file));
}
