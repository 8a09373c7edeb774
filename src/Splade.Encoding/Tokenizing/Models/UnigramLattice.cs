namespace Splade.Encoding.Tokenizing.Models;

/// <summary>
/// The most probable cut of a text into pieces (Viterbi; Kudo 2018), in time linear in the text. Ties go to the path found first, starts ascending.
/// </summary>
internal sealed class UnigramLattice
{
    /// <summary>Longer pieces are no text, and would make hostile texts slow.</summary>
    public const int MaxPieceLength = 2048;

    /// <summary>What an unknown character costs beyond the worst piece.</summary>
    private const double UnknownPenalty = 10;

    [ThreadStatic]
    private static Node[]? _buffer;

    private readonly PieceTrie _trie;
    private readonly double[] _scores;
    private readonly int _unknown;
    private readonly double _unknownScore;
    private readonly bool _single;

    /// <param name="pieces">That a text can be cut into.</param>
    /// <param name="scores">Log probabilities by id.</param>
    /// <param name="unknown">Id of unknown characters.</param>
    /// <param name="single">Sums are float32, as in SentencePiece; else float64, as in the "tokenizers" library. Equal scores decide otherwise.</param>
    /// <exception cref="ArgumentException">A piece is too long.</exception>
    public UnigramLattice(IReadOnlyCollection<(string Text, int Id)> pieces, double[] scores, double lowestScore, int unknown, bool single)
    {
        if (pieces.FirstOrDefault(p => p.Text.Length > MaxPieceLength) is { Text: not null } longest)
        {
            throw new ArgumentException($"The piece {longest.Id} has {longest.Text.Length} characters, more than {MaxPieceLength}.", nameof(pieces));
        }

        _trie = new PieceTrie(pieces);
        _scores = scores;
        _unknown = unknown;
        _single = single;
        _unknownScore = single ? (float)lowestScore - (float)UnknownPenalty : lowestScore - UnknownPenalty;
    }

    /// <summary>Appends the pieces of a text with their [start, end) in it; each unknown code point is one.</summary>
    public void Cut(ReadOnlySpan<char> text, List<PieceOccurrence> pieces)
    {
        if (_buffer is null || _buffer.Length <= text.Length)
        {
            _buffer = new Node[Math.Max(256, text.Length + 1)];
        }

        var nodes = _buffer.AsSpan(0, text.Length + 1);
        nodes.Fill(new Node { Start = -1 });
        nodes[0].Score = 0;
        for (var start = 0; start < text.Length;)
        {
            start += Extend(text, start, nodes);
        }

        var first = pieces.Count;
        for (var end = text.Length; end > 0; end = nodes[end].Start)
        {
            pieces.Add(new PieceOccurrence(nodes[end].Id, nodes[end].Start, end));
        }

        pieces.Reverse(first, pieces.Count - first);
        if (_buffer.Length > 1 << 16)
        {
            _buffer = null;
        }
    }

    private int Extend(ReadOnlySpan<char> text, int start, Span<Node> nodes)
    {
        var length = char.IsHighSurrogate(text[start]) && start + 1 < text.Length ? 2 : 1;
        var before = nodes[start].Score;
        var whole = false;
        var trieNode = PieceTrie.Root;
        for (var end = start; end < text.Length;)
        {
            trieNode = _trie.Next(trieNode, text[end++]);
            if (trieNode == PieceTrie.None)
            {
                break;
            }

            if (_trie.Value(trieNode) is not PieceTrie.None and var id)
            {
                Offer(ref nodes[end], id, start, before + _scores[id]);
                whole |= end == start + length;
            }
        }

        if (!whole)
        {
            Offer(ref nodes[start + length], _unknown, start, before + _unknownScore);
        }

        return length;
    }

    private void Offer(ref Node node, int id, int start, double score)
    {
        score = _single ? (float)score : score;
        if (node.Start < 0 || score > node.Score)
        {
            node = new Node { Id = id, Start = start, Score = score };
        }
    }

    private struct Node
    {
        public double Score;
        public int Start;
        public int Id;
    }
}
