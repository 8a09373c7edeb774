using System.Globalization;

namespace Splade.Evaluation;

/// <summary>TREC's text files: judgements (<c>query 0 document grade</c>) and runs (<c>query Q0 document rank score tag</c>).</summary>
public static class TrecFiles
{
    private static readonly char[] Blanks = [' ', '\t'];

    /// <exception cref="FormatException">A line is malformed; the message names file and line.</exception>
    public static Dictionary<string, Dictionary<string, int>> ReadJudgements(string path)
    {
        var judgements = new Dictionary<string, Dictionary<string, int>>(StringComparer.Ordinal);
        foreach (var (parts, line) in Lines(path))
        {
            if (parts.Length != 4 || !int.TryParse(parts[3], NumberStyles.Integer, CultureInfo.InvariantCulture, out var grade))
            {
                throw new FormatException($"{path}, line {line}: expected 'query 0 document grade'.");
            }

            Add(judgements, parts[0], parts[2], grade);
        }

        return judgements;
    }

    /// <exception cref="FormatException">A line is malformed or names a document twice; the message names file and line.</exception>
    public static Dictionary<string, IReadOnlyList<(string Id, double Score)>> ReadRun(string path)
    {
        var run = new Dictionary<string, List<(string, double)>>(StringComparer.Ordinal);
        var seen = new HashSet<(string, string)>();
        foreach (var (parts, line) in Lines(path))
        {
            if (parts.Length != 6 || !double.TryParse(parts[4], NumberStyles.Float, CultureInfo.InvariantCulture, out var score))
            {
                throw new FormatException($"{path}, line {line}: expected 'query Q0 document rank score tag'.");
            }

            if (!seen.Add((parts[0], parts[2])))
            {
                throw new FormatException($"{path}, line {line}: document {parts[2]} stands twice for query {parts[0]}.");
            }

            if (!run.TryGetValue(parts[0], out var results))
            {
                run.Add(parts[0], results = []);
            }

            results.Add((parts[2], score));
        }

        return run.ToDictionary(r => r.Key, r => (IReadOnlyList<(string, double)>)r.Value, StringComparer.Ordinal);
    }

    /// <summary>Writes a run in the order given, with ranks from 1 and scores as they are: sums of integers can be compared bit by bit. Where it fails, what was there before stays.</summary>
    public static void WriteRun(string path, IEnumerable<(string Query, IReadOnlyList<(string Id, double Score)> Results)> run, string tag)
    {
        ArgumentNullException.ThrowIfNull(run);
        using var file = new WholeFile(path);
        using (var writer = new StreamWriter(file.Written) { NewLine = "\n" })
        {
            foreach (var (query, results) in run)
            {
                for (var i = 0; i < results.Count; i++)
                {
                    writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{query} Q0 {results[i].Id} {i + 1} {results[i].Score:R} {tag}"));
                }
            }
        }

        file.Complete();
    }

    internal static void Add(Dictionary<string, Dictionary<string, int>> judgements, string query, string document, int grade)
    {
        if (!judgements.TryGetValue(query, out var grades))
        {
            judgements.Add(query, grades = new Dictionary<string, int>(StringComparer.Ordinal));
        }

        grades[document] = grade;
    }

    private static IEnumerable<(string[] Parts, int Line)> Lines(string path)
    {
        var number = 0;
        foreach (var line in TextFiles.Lines(path))
        {
            number++;
            if (line.Length > 0)
            {
                yield return (line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries), number);
            }
        }
    }
}
