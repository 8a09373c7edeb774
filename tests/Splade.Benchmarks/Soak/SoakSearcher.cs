using Splade.Index;

namespace Splade.Benchmarks.Soak;

/// <summary>Searches a view in every way and compares with the oracle of the same time.</summary>
internal sealed class SoakSearcher(int seed)
{
    private readonly Random _random = new(seed);

    /// <exception cref="InvalidOperationException">The engine answered something else.</exception>
    public void Check(IndexReader reader, SoakOracle oracle)
    {
        var query = NextQuery(_random.Next(4));
        var filter = _random.Next(4) == 0 ? NextQuery(1) : null;
        var k = _random.Next(5) switch { 0 => 0, 1 => 1, 2 => 10, 3 => 100, _ => 2000 };
        var counted = _random.Next(2) == 0;
        var options = SearchOptions.Exact with
        {
            CountLimit = counted ? long.MaxValue : 0,
            Filter = filter is null ? null : reader.Filter(filter.ToQuery()),
        };
        var expected = oracle.Search(query, filter);
        var found = reader.Search(query.ToQuery(), k, options);
        Require(reader.DocumentCount == oracle.Documents.Count, $"{reader.DocumentCount} documents instead of {oracle.Documents.Count}");
        Require(!counted || (found.Total == expected.Count && !found.TotalIsLowerBound), $"{found.Total} matches instead of {expected.Count}");
        Require(
            found.Hits.Select(h => ((long)h.Score, h.Id)).SequenceEqual(expected.Take(k)),
            $"k = {k}, filter {filter is not null}: the ranking differs from the oracle's at place {Difference(found, expected)}");
        CheckApproximate(reader, query, k, options, expected);
        CheckDocuments(reader, oracle, query, found);
    }

    /// <summary>Approximate answers may lack hits, but what they have is true.</summary>
    private void CheckApproximate(IndexReader reader, SoakQuery query, int k, SearchOptions exact, List<(long Score, string Id)> expected)
    {
        var options = exact with { CountLimit = 0, BoundScale = 0.5, MaxSuperblocks = _random.Next(2) == 0 ? 3 : null };
        var found = reader.Search(query.ToQuery(), k, options);
        var scores = expected.ToDictionary(e => e.Id, e => e.Score, StringComparer.Ordinal);
        Require(found.Hits.All(h => scores.TryGetValue(h.Id, out var score) && score == (long)h.Score), "an approximate hit has a wrong score");
        Require(found.Hits.Length <= Math.Min(k, expected.Count), "too many approximate hits");
    }

    private void CheckDocuments(IndexReader reader, SoakOracle oracle, SoakQuery query, TopHits found)
    {
        var id = found.Hits.Length > 0 ? found.Hits[_random.Next(found.Hits.Length)].Id : SoakRun.IdOf(_random.Next(SoakRun.Ids));
        var expected = oracle.Documents.GetValueOrDefault(id);
        Require(reader.Get(id)?.Version == expected?.Version, $"document {id} has another version");
        var explained = reader.Explain(query.ToQuery(), id);
        Require(explained is null == expected is null && (explained is null || (long)explained.Score == query.Score(expected!)), $"document {id} is explained differently");
    }

    private SoakQuery NextQuery(int kind)
    {
        var model = new int[SoakDocument.Terms];
        var text = new int[SoakDocument.Terms];
        for (var i = kind == 0 ? 1 : _random.Next(1, 20); i > 0; i--)
        {
            (kind != 2 ? model : text)[SoakRun.TermOf(_random)] = _random.Next(1, 100);
            if (kind == 3)
            {
                text[SoakRun.TermOf(_random)] = _random.Next(1, 20);
            }
        }

        return new SoakQuery(model, text);
    }

    private static int Difference(TopHits found, List<(long Score, string Id)> expected)
    {
        var place = 0;
        while (place < found.Hits.Length && place < expected.Count && found.Hits[place].Id == expected[place].Id && (long)found.Hits[place].Score == expected[place].Score)
        {
            place++;
        }

        return place;
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidOperationException(problem);
        }
    }
}
