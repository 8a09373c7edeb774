using Splade.Encoding.Tokenizing;
using Splade.Evaluation.Collections;

namespace Splade.Benchmarks.Corpora;

/// <summary>Passages as BM25 impacts (k1 = 0.9, b = 0.4) of word pieces, rounded to integers from 1 to 255.</summary>
internal static class Bm25Impacts
{
    private const double K1 = 0.9;
    private const double B = 0.4;
    private const int LargestImpact = 255;

    public static VectorReader Of(string[] passages, IReadOnlyList<string> wordPieces, CancellationToken cancellationToken)
    {
        var tokenizer = new WordPieceTokenizer(wordPieces, new WordPieceOptions());
        var counts = new (int[] Terms, int[] Counts)[passages.Length];
        Parallel.For(0, passages.Length, new ParallelOptions { CancellationToken = cancellationToken }, p => counts[p] = Count(tokenizer, passages[p]));

        var frequencies = new int[wordPieces.Count];
        foreach (var (terms, _) in counts)
        {
            foreach (var term in terms)
            {
                frequencies[term]++;
            }
        }

        var meanLength = counts.Average(c => (double)c.Counts.Sum());
        var impacts = counts.Select(c =>
        {
            var norm = K1 * (1 - B + (B * c.Counts.Sum() / meanLength));
            return c.Terms.Select((t, i) =>
                Math.Log(1 + ((passages.Length - frequencies[t] + 0.5) / (frequencies[t] + 0.5))) * c.Counts[i] / (c.Counts[i] + norm)).ToArray();
        }).ToArray();
        var scale = LargestImpact / impacts.Max(i => i.DefaultIfEmpty().Max());

        var vocabulary = Vocabulary.OfWords();
        var numbers = wordPieces.Select(vocabulary.Number).ToArray();
        return new GeneratedVectors($"{passages.Length} passages as BM25 impacts", vocabulary, passages.Length, p => new SparseVector(
            $"{p}",
            Array.ConvertAll(counts[p].Terms, t => numbers[t]),
            Array.ConvertAll(impacts[p], i => (float)Math.Clamp(Math.Round(i * scale), 1, LargestImpact))));
    }

    private static (int[] Terms, int[] Counts) Count(WordPieceTokenizer tokenizer, string text)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        var counted = pieces.CountBy(p => p.Id).OrderBy(c => c.Key).ToArray();
        return ([.. counted.Select(c => c.Key)], [.. counted.Select(c => c.Value)]);
    }
}
