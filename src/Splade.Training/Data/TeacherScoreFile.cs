using System.Text.Json;

namespace Splade.Training.Data;

/// <summary>
/// A file of teacher scores over a BEIR collection, one line a query:
/// <c>{"qid":"0","pos":[[docid, cosine, bm25, grade],...],"neg":[[docid, cosine, bm25],...]}</c>.
/// </summary>
internal static class TeacherScoreFile
{
    /// <summary>One example for each positive.</summary>
    /// <param name="maximumNegatives">First negatives of the file, which are BM25's best.</param>
    /// <exception cref="TrainingDataException">A line is malformed or names an unknown id.</exception>
    public static IEnumerable<TrainingExample> Read(string path, BeirCollection collection, TeacherSignal signal, int maximumNegatives)
    {
        path = JsonLines.Find(path);
        var queries = collection.ReadQueries();
        foreach (var (value, line) in JsonLines.Read(path))
        {
            var id = JsonLines.Text(value, "qid") ?? throw Error("expected a qid");
            var query = queries.TryGetValue(id, out var text) ? text : throw Error($"the collection has no query {id}");
            var positives = Candidates("pos");
            var negatives = Candidates("neg").Take(maximumNegatives).ToArray();
            var targets = Targets([.. positives, .. negatives], signal);
            for (var i = 0; i < positives.Length; i++)
            {
                yield return new TrainingExample(
                    query, collection.Documents[positives[i].Id], [.. negatives.Select(n => collection.Documents[n.Id])], [targets[i], .. targets[positives.Length..]]);
            }

            TrainingDataException Error(string message) => new($"{path}, line {line}: {message}.");

            (string Id, double Cosine, double Bm25)[] Candidates(string name)
            {
                if (!value.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
                {
                    throw Error($"expected a list [{name}]");
                }

                return [.. list.EnumerateArray().Select(Candidate)];
            }

            (string Id, double Cosine, double Bm25) Candidate(JsonElement entry)
            {
                if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() < 3 || entry[0].ValueKind != JsonValueKind.String
                    || entry[1].ValueKind != JsonValueKind.Number || entry[2].ValueKind != JsonValueKind.Number)
                {
                    throw Error("expected candidates [docid, cosine, bm25]");
                }

                if (!float.IsFinite(entry[1].GetSingle()) || !float.IsFinite(entry[2].GetSingle()))
                {
                    throw Error($"the scores of {entry} are too large");
                }

                var document = entry[0].GetString()!;
                return collection.Documents.ContainsKey(document)
                    ? (document, entry[1].GetDouble(), entry[2].GetDouble())
                    : throw Error($"the collection has no document {document}");
            }
        }
    }

    private static float[] Targets((string Id, double Cosine, double Bm25)[] candidates, TeacherSignal signal) => signal switch
    {
        TeacherSignal.Cosine => [.. candidates.Select(c => (float)c.Cosine)],
        TeacherSignal.Bm25 => [.. candidates.Select(c => (float)c.Bm25)],
        _ => [.. Normalized(candidates.Select(c => c.Cosine)).Zip(Normalized(candidates.Select(c => c.Bm25)), (cosine, bm25) => (float)(cosine + bm25))],
    };

    /// <summary>Mean 0 and standard deviation 1; all 0 where all are equal.</summary>
    private static double[] Normalized(IEnumerable<double> values)
    {
        var all = values.ToArray();
        if (all.Length == 0)
        {
            return all;
        }

        var mean = all.Average();
        var deviation = Math.Sqrt(all.Average(v => (v - mean) * (v - mean)));
        return [.. all.Select(v => deviation > 0 ? (v - mean) / deviation : 0)];
    }
}
