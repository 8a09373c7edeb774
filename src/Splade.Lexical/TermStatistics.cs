using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;

namespace Splade.Lexical;

/// <summary>
/// Inverse document frequencies for a shipped model: shares of passages are averaged over sources, so that a large source does not decide, and a
/// piece that several languages have counts with the language where it is most common.
/// </summary>
internal static class TermStatistics
{
    /// <returns>
    /// For each piece ln(1 + (1 - p) / p) for its share p of passages; and in which language it is more common: the main one, another, or none for what is no
    /// word.
    /// </returns>
    public static (float[] Idf, PieceLanguage[] Languages) Of(
        IReadOnlyList<TextSource> sources, ITokenizer tokenizer, PiecePairs? pairs, int passagesPerFile, CancellationToken cancellationToken)
    {
        var (main, other) = (new double[tokenizer.VocabularySize], new double[tokenizer.VocabularySize]);
        var shares = new double[tokenizer.VocabularySize];
        foreach (var language in sources.GroupBy(s => s.Language))
        {
            var sum = new double[tokenizer.VocabularySize];
            var seen = new double[tokenizer.VocabularySize];
            var isMain = language.Key == sources[0].Language;
            var names = language.GroupBy(s => s.Name).ToArray();
            foreach (var source in names)
            {
                var (frequencies, passages) = Count([.. source], tokenizer, pairs, passagesPerFile, cancellationToken);
                for (var id = 0; id < sum.Length; id++)
                {
                    // Half a passage for what a source happens not to have.
                    sum[id] += (frequencies[id] + 0.5) / (passages + 1.0) / names.Length;
                    seen[id] += (double)frequencies[id] / passages / names.Length;
                }
            }

            for (var id = 0; id < sum.Length; id++)
            {
                shares[id] = Math.Max(shares[id], sum[id]);
                if (isMain)
                {
                    main[id] = seen[id];
                }
                else if (Stemmers.Has(language.Key) || !tokenizer.Piece(id).All(char.IsAscii))
                {
                    // Latin words in a text of another script are foreign there.
                    other[id] = Math.Max(other[id], seen[id]);
                }
            }
        }

        return (
            [.. shares.Select(p => (float)Math.Log(1 + ((1 - p) / p)))],
            [.. shares.Select((_, id) => LanguageOf(id))]);

        PieceLanguage LanguageOf(int id) =>
            tokenizer.SpecialIds.Contains(id) || !tokenizer.Piece(id).Any(char.IsLetter) ? PieceLanguage.None
            : other[id] > main[id] ? PieceLanguage.Other
            : PieceLanguage.Main;
    }

    private static (int[] Frequencies, int Passages) Count(
        TextSource[] files, ITokenizer tokenizer, PiecePairs? pairs, int passagesPerFile, CancellationToken cancellationToken)
    {
        var frequencies = new int[tokenizer.VocabularySize];
        var passages = 0;
        var pieces = new List<PieceOccurrence>();
        var seen = new HashSet<int>();
        foreach (var passage in files.SelectMany(f => f.Passages(passagesPerFile)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            pieces.Clear();
            seen.Clear();
            tokenizer.Encode(passage, pieces);
            passages++;
            foreach (var piece in pieces)
            {
                See(piece.Id);
            }

            pairs?.Count(pieces, pieces.Count, (id, _) => See(id));
        }

        return (frequencies, passages);

        void See(int id)
        {
            if (seen.Add(id))
            {
                frequencies[id]++;
            }
        }
    }
}
