namespace Splade.Encoding.Tokenizing.SentencePiece;

/// <summary>
/// Byte-pair encoding as SentencePiece does it: a text starts as its characters and user-defined pieces; of the neighbours that together are a piece those of
/// the highest score are merged, leftmost first, until none are left. Pieces that are marked as unused help on the way and are taken apart again.
/// </summary>
internal sealed class SentencePieceBpe
{
    [ThreadStatic]
    private static Workspace? _workspace;

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _pieces;
    private readonly PieceTrie? _userDefined;
    private readonly float[] _scores;
    private readonly bool[] _unused;
    private readonly int _unknown;

    /// <param name="pieces">That a text can become: normal, user-defined and unused ones.</param>
    /// <param name="userDefined">Those that stand as they are; null for none.</param>
    /// <param name="scores">By id.</param>
    /// <param name="unused">By id: is no answer.</param>
    /// <param name="unknown">Id of characters that are no pieces.</param>
    public SentencePieceBpe(IEnumerable<(string Text, int Id)> pieces, PieceTrie? userDefined, float[] scores, bool[] unused, int unknown)
    {
        _pieces = pieces.ToDictionary(p => p.Text, p => p.Id, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _userDefined = userDefined;
        _scores = scores;
        _unused = unused;
        _unknown = unknown;
    }

    /// <summary>Appends the pieces of a text with their [start, end) in it; each unknown character is one.</summary>
    public void Cut(ReadOnlySpan<char> text, List<PieceOccurrence> pieces)
    {
        var workspace = _workspace ??= new Workspace();
        workspace.Clear();
        AddSymbols(text, workspace.Symbols);
        Merge(text, workspace);
        foreach (var symbol in workspace.Symbols)
        {
            if (symbol.End > symbol.Start)
            {
                AddUsed(text, symbol.Start, symbol.End, workspace.Halves, pieces);
            }
        }
    }

    private void AddSymbols(ReadOnlySpan<char> text, List<Symbol> symbols)
    {
        for (var position = 0; position < text.Length;)
        {
            var whole = _userDefined?.Longest(text[position..]) ?? 0;
            var length = whole > 0 ? whole : char.IsHighSurrogate(text[position]) && position + 1 < text.Length ? 2 : 1;
            symbols.Add(new Symbol(position, position + length, symbols.Count - 1, whole > 0));
            position += length;
        }
    }

    private void Merge(ReadOnlySpan<char> text, Workspace workspace)
    {
        var symbols = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(workspace.Symbols);
        for (var i = 0; i < symbols.Length; i++)
        {
            symbols[i].Next = i + 1 < symbols.Length ? i + 1 : -1;
        }

        for (var i = 1; i < symbols.Length; i++)
        {
            Offer(text, symbols, i - 1, i, workspace);
        }

        while (workspace.Queue.TryDequeue(out var pair, out _))
        {
            ref var left = ref symbols[pair.Left];
            ref var right = ref symbols[pair.Right];
            if (left.Start == left.End || right.Start == right.End || right.End - left.Start != pair.Length || left.End != right.Start)
            {
                // One of the two has gone into another piece since.
                continue;
            }

            (left.End, left.Next) = (right.End, right.Next);
            right.End = right.Start;
            if (left.Next >= 0)
            {
                symbols[left.Next].Previous = pair.Left;
            }

            Offer(text, symbols, left.Previous, pair.Left, workspace);
            Offer(text, symbols, pair.Left, left.Next, workspace);
        }
    }

    private void Offer(ReadOnlySpan<char> text, ReadOnlySpan<Symbol> symbols, int left, int right, Workspace workspace)
    {
        if (left < 0 || right < 0 || symbols[left].Frozen || symbols[right].Frozen)
        {
            return;
        }

        var (start, middle, end) = (symbols[left].Start, symbols[left].End, symbols[right].End);
        if (!_pieces.TryGetValue(text[start..end], out var id))
        {
            return;
        }

        workspace.Queue.Enqueue(new Candidate(left, right, end - start), (-_scores[id], left));
        if (_unused[id])
        {
            workspace.Halves[id] = middle - start;
        }
    }

    /// <summary>A piece, or of an unused one the two that it was made of.</summary>
    private void AddUsed(ReadOnlySpan<char> text, int start, int end, Dictionary<int, int> halves, List<PieceOccurrence> pieces)
    {
        // Each part is shorter than the whole: this ends after as many calls as there are characters.
        var stack = new Stack<(int Start, int End)>([(start, end)]);
        while (stack.TryPop(out var part))
        {
            if (!_pieces.TryGetValue(text[part.Start..part.End], out var id))
            {
                pieces.Add(new PieceOccurrence(_unknown, part.Start, part.End));
            }
            else if (_unused[id] && halves.TryGetValue(id, out var half))
            {
                stack.Push((part.Start + half, part.End));
                stack.Push((part.Start, part.Start + half));
            }
            else
            {
                pieces.Add(new PieceOccurrence(id, part.Start, part.End));
            }
        }
    }

    private struct Symbol(int start, int end, int previous, bool frozen)
    {
        public readonly int Start = start;
        public readonly bool Frozen = frozen;
        public int End = end;
        public int Previous = previous;
        public int Next;
    }

    private readonly record struct Candidate(int Left, int Right, int Length);

    private sealed class Workspace
    {
        public List<Symbol> Symbols { get; } = [];

        public PriorityQueue<Candidate, (float NegatedScore, int Place)> Queue { get; } = new();

        /// <summary>Of unused pieces that came up: length of their first half, as met last.</summary>
        public Dictionary<int, int> Halves { get; } = [];

        public void Clear()
        {
            Symbols.Clear();
            Queue.Clear();
            Halves.Clear();
        }
    }
}
