using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Passages;

/// <summary>
/// Cuts the pieces of a text into overlapping passages. The text is tokenized once; a passage is a run of its pieces. No cut falls inside a
/// character with its marks, and none inside a word that fits a passage.
/// </summary>
internal static class PassageSplitter
{
    /// <param name="pieces">Of the whole text, in its order.</param>
    /// <param name="limit">Most pieces of a passage.</param>
    /// <returns>[start, end) in pieces: together all of them, or the first of them when the passages are more than allowed. One that is empty for an empty text.</returns>
    public static List<(int Start, int End)> Split(string text, IReadOnlyList<PieceOccurrence> pieces, int limit, ChunkingSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var size = Math.Min(limit, settings.MaxChunkSize ?? limit);
        if (settings.Strategy == ChunkingStrategy.None)
        {
            return [(0, Math.Min(limit, pieces.Count))];
        }

        if (pieces.Count <= size)
        {
            return [(0, pieces.Count)];
        }

        var borders = new WordBorders(text);
        var passages = settings.Strategy == ChunkingStrategy.Word
            ? Words(borders, pieces, 0, pieces.Count, size, Math.Min(settings.Overlap, size / 2))
            : Sentences(text, borders, pieces, size, settings.Overlap);
        return [.. passages.Take(settings.MaxChunks)];
    }

    private static IEnumerable<(int Start, int End)> Sentences(
        string text, WordBorders borders, IReadOnlyList<PieceOccurrence> pieces, int size, int overlap)
    {
        var starts = SentenceStarts(text, borders, pieces);
        for (var first = 0; first < starts.Count - 1;)
        {
            var next = first + 1;
            while (next < starts.Count - 1 && starts[next + 1] - starts[first] <= size)
            {
                next++;
            }

            if (starts[next] - starts[first] > size)
            {
                foreach (var part in Words(borders, pieces, starts[first], starts[next], size, 0))
                {
                    yield return part;
                }
            }
            else
            {
                yield return (starts[first], starts[next]);
            }

            if (next == starts.Count - 1)
            {
                yield break;
            }

            // As many sentences again as leave room for a new one.
            var again = Math.Min(overlap, next - first - 1);
            while (again > 0 && starts[next + 1] - starts[next - again] > size)
            {
                again--;
            }

            first = next - again;
        }
    }

    /// <summary>First pieces of sentences, and the number of pieces as the last.</summary>
    private static List<int> SentenceStarts(string text, WordBorders borders, IReadOnlyList<PieceOccurrence> pieces)
    {
        var starts = new List<int> { 0 };
        var piece = 0;
        foreach (var place in SentenceBreaks.Find(text))
        {
            while (piece < pieces.Count && pieces[piece].Start < place)
            {
                piece++;
            }

            if (piece > starts[^1] && piece < pieces.Count && IsCharacterStart(borders, pieces, piece))
            {
                starts.Add(piece);
            }
        }

        starts.Add(pieces.Count);
        return starts;
    }

    private static IEnumerable<(int Start, int End)> Words(
        WordBorders borders, IReadOnlyList<PieceOccurrence> pieces, int from, int to, int size, int overlap)
    {
        for (var start = from; ;)
        {
            if (to - start <= size)
            {
                yield return (start, to);
                yield break;
            }

            var end = LastCut(borders, pieces, start, start + size);
            yield return (start, end);

            // No repetition that leaves no room for anything new.
            var next = Math.Max(end - overlap, start + 1);
            while (next < end && !(IsWordStart(borders, pieces, next) && (to - next <= size || LastCut(borders, pieces, next, next + size) > end)))
            {
                next++;
            }

            start = next;
        }
    }

    /// <summary>
    /// The last word border up to a place, else the last border of characters, else of code points (an emoji family is longer than some passages), else the
    /// place itself.
    /// </summary>
    private static int LastCut(WordBorders borders, IReadOnlyList<PieceOccurrence> pieces, int start, int end)
    {
        return Last(cut => IsWordStart(borders, pieces, cut))
            ?? Last(cut => IsCharacterStart(borders, pieces, cut))
            ?? Last(cut => pieces[cut - 1].End <= pieces[cut].Start)
            ?? end;

        int? Last(Func<int, bool> allowed)
        {
            for (var cut = end; cut > start; cut--)
            {
                if (allowed(cut))
                {
                    return cut;
                }
            }

            return null;
        }
    }

    /// <summary>A piece begins a character: byte-level vocabularies have several pieces to one.</summary>
    private static bool IsCharacterStart(WordBorders borders, IReadOnlyList<PieceOccurrence> pieces, int piece) =>
        pieces[piece - 1].End <= pieces[piece].Start && borders.IsCharacterStart(pieces[piece].Start);

    private static bool IsWordStart(WordBorders borders, IReadOnlyList<PieceOccurrence> pieces, int piece) =>
        pieces[piece - 1].End <= pieces[piece].Start && borders.IsWordStart(pieces[piece].Start);
}
