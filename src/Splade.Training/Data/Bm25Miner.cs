using System.Collections.Immutable;
using System.Globalization;
using Splade.Encoding.Tokenizing;
using Splade.Index;

namespace Splade.Training.Data;

/// <summary>
/// BM25 over the pieces of texts, on our own engine: finds documents that share words with a query, for hard negatives. k1 0.9, b 0.4.
/// </summary>
internal sealed class Bm25Miner : IDisposable
{
    private const double Saturation = 0.9;
    private const double LengthShare = 0.4;
    private const string Field = "text";
    private const int RefreshEvery = 20_000;

    private readonly ITokenizer _tokenizer;
    private readonly IReadOnlyList<string> _texts;
    private readonly int[] _frequencies;
    private readonly IndexWriter _writer;
    private readonly IndexReader _reader;

    /// <param name="texts">The documents; a result is a place in this list.</param>
    public Bm25Miner(IReadOnlyList<string> texts, ITokenizer tokenizer, CancellationToken cancellationToken)
    {
        (_texts, _tokenizer) = (texts, tokenizer);
        _frequencies = new int[tokenizer.VocabularySize];
        _writer = IndexWriter.Open([]);
        var counts = texts.Select(Count).ToArray();
        var average = Math.Max(1, counts.Average(c => c.Values.Sum()));
        for (var i = 0; i < counts.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var norm = Saturation * (1 - LengthShare + (LengthShare * counts[i].Values.Sum() / average));
            var features = counts[i].Select(c => new FeatureWeight(tokenizer.Piece(c.Key), (float)(c.Value * (Saturation + 1) / (c.Value + norm)))).ToImmutableArray();
            foreach (var id in counts[i].Keys)
            {
                _frequencies[id]++;
            }

            _writer.Index(new IndexDocument(i.ToString(CultureInfo.InvariantCulture), 1, i, ReadOnlyMemory<byte>.Empty, [new SparseField(Field, features)]));
            if ((i + 1) % RefreshEvery == 0)
            {
                _writer.Refresh().Dispose();
            }
        }

        _reader = _writer.Refresh();
    }

    /// <summary>The best documents that <paramref name="isAllowed"/> lets through, best first.</summary>
    public IReadOnlyList<int> Find(string query, int count, Func<int, bool> isAllowed)
    {
        var features = Count(query).Where(c => _frequencies[c.Key] > 0)
            .Select(c => new FeatureWeight(_tokenizer.Piece(c.Key), (float)(c.Value * Idf(_frequencies[c.Key])))).ToImmutableArray();
        if (features.IsEmpty)
        {
            return [];
        }

        var found = new List<int>(count);
        foreach (var hit in _reader.Search(new SparseVectorQuery(Field, features), count + Spare).Hits)
        {
            var document = int.Parse(hit.Id, CultureInfo.InvariantCulture);
            if (found.Count < count && isAllowed(document))
            {
                found.Add(document);
            }
        }

        return found;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
    }

    // Judged documents among the best, which are left out.
    private const int Spare = 50;

    private double Idf(int frequency) => Math.Log(1 + ((_texts.Count - frequency + 0.5) / (frequency + 0.5)));

    private Dictionary<int, int> Count(string text)
    {
        var pieces = new List<PieceOccurrence>();
        _tokenizer.Encode(text, pieces);
        return pieces.Where(p => !_tokenizer.SpecialIds.Contains(p.Id)).CountBy(p => p.Id).ToDictionary();
    }
}
