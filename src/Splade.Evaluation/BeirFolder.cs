using System.Globalization;
using System.Text.Json;

namespace Splade.Evaluation;

/// <summary>A collection in BEIR's layout: corpus.jsonl, queries.jsonl, qrels/{split}.tsv; each may be gzipped.</summary>
public sealed class BeirFolder(string folder)
{
    public string CorpusPath => Require("corpus.jsonl");

    /// <summary>Queries of a split that have judgements, in the order of the file.</summary>
    /// <exception cref="FormatException">A line is malformed; the message names file and line.</exception>
    public IReadOnlyList<(string Id, string Text)> ReadQueries(IReadOnlyDictionary<string, Dictionary<string, int>> judgements)
    {
        ArgumentNullException.ThrowIfNull(judgements);
        var path = Require("queries.jsonl");
        var queries = new List<(string, string)>();
        var number = 0;
        foreach (var line in TextFiles.Lines(path))
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            try
            {
                using var json = JsonDocument.Parse(line);
                var id = json.RootElement.GetProperty("_id").ToString();
                if (judgements.ContainsKey(id))
                {
                    queries.Add((id, json.RootElement.GetProperty("text").GetString() ?? ""));
                }
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new FormatException($"{path}, line {number}: expected an object with _id and text: {exception.Message}", exception);
            }
        }

        return queries;
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

    private string Require(string file) => TextFiles.Find(Path.Combine(folder, file))
        ?? throw new FileNotFoundException($"{folder} is no BEIR folder: it has no {file}.", Path.Combine(folder, file));
}
