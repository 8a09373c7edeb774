using System.Runtime.InteropServices;

namespace Splade.Evaluation;

/// <param name="K1">How soon more occurrences of a term add little; above 0.</param>
/// <param name="B">How much of a document's length counts, 0 to 1.</param>
public sealed record Bm25Parameters(double K1 = 0.9, double B = 0.4);

/// <summary>
/// BM25 as Lucene defines it, idf * tf / (tf + k1 * (1 - b + b * length / average length)) with idf = ln(1 + (N - df + 0.5) / (df + 0.5)), in memory. Lengths are exact, where
/// Lucene rounds them, and so are scores, where our engine rounds impacts: what other systems are compared with must not lose by either. A term that a query has twice counts twice.
/// </summary>
public sealed class Bm25Index
{
    private readonly Dictionary<string, List<(int Document, int Count)>> _postings = new(StringComparer.Ordinal);
    private readonly List<string> _ids = [];
    private readonly double[] _norms;
    private readonly double[] _scores;

    /// <param name="documents">Ids, each once, and terms.</param>
    /// <exception cref="ArgumentException">An id is there twice, or a parameter is out of its range.</exception>
    public Bm25Index(IEnumerable<(string Id, IReadOnlyList<string> Terms)> documents, Bm25Parameters parameters, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(parameters);
        var (k1, b) = parameters;
        if (!(k1 > 0 && k1 < double.PositiveInfinity && b is >= 0 and <= 1))
        {
            throw new ArgumentException($"BM25 needs k1 above 0 and b from 0 to 1; they are {k1} and {b}.");
        }

        var lengths = new List<int>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, terms) in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!known.Add(id))
            {
                throw new ArgumentException($"The document {id} is there twice.");
            }

            foreach (var (term, count) in terms.CountBy(t => t, StringComparer.Ordinal))
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(_postings, term, out _) ??= []).Add((_ids.Count, count));
            }

            _ids.Add(id);
            lengths.Add(terms.Count);
        }

        var average = lengths.Count == 0 ? 1 : Math.Max(1, lengths.Average());
        _norms = [.. lengths.Select(length => k1 * (1 - b + (b * length / average)))];
        _scores = new double[_ids.Count];
    }

    /// <summary>The best documents that share a term with the query, best first, ties by id. One search at a time.</summary>
    public IReadOnlyList<(string Id, double Score)> Search(IReadOnlyList<string> terms, int k)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        var found = new List<int>();
        foreach (var (term, count) in terms.CountBy(t => t, StringComparer.Ordinal))
        {
            if (!_postings.TryGetValue(term, out var postings))
            {
                continue;
            }

            var weight = count * Math.Log(1 + ((_ids.Count - postings.Count + 0.5) / (postings.Count + 0.5)));
            foreach (var (document, frequency) in postings)
            {
                if (_scores[document] == 0)
                {
                    found.Add(document);
                }

                _scores[document] += weight * frequency / (frequency + _norms[document]);
            }
        }

        var best = found.Select(d => (Id: _ids[d], Score: _scores[d])).OrderByDescending(h => h.Score).ThenBy(h => h.Id, StringComparer.Ordinal).Take(k).ToArray();
        found.ForEach(d => _scores[d] = 0);
        return best;
    }
}
