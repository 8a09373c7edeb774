namespace Splade.Encoding.Tokenizing.Models;

/// <summary>Unigram language model as the "tokenizers" library runs it: float64 sums, every piece can be text, neighbouring unknowns are one.</summary>
internal sealed class UnigramModel : CachedModel
{
    [ThreadStatic]
    private static List<PieceOccurrence>? _path;

    private readonly Vocabulary _vocabulary;
    private readonly UnigramLattice _lattice;
    private readonly int[]? _bytes;
    private readonly int _unknown;

    /// <param name="scores">Log probabilities by id.</param>
    /// <param name="unknown">Id of unknown characters; null where the vocabulary says none.</param>
    /// <param name="byteFallback">Unknown characters become pieces of their bytes.</param>
    /// <exception cref="ArgumentException">A score is no finite number, the unknown id is no piece, or a piece is too long.</exception>
    public UnigramModel(Vocabulary vocabulary, double[] scores, int? unknown, bool byteFallback)
    {
        if (scores.Length == 0 || !scores.All(double.IsFinite))
        {
            throw new ArgumentException("The vocabulary is empty, or a score is no finite number.", nameof(scores));
        }

        _unknown = unknown ?? PieceTrie.None;
        if (_unknown < PieceTrie.None || _unknown >= scores.Length)
        {
            throw new ArgumentException($"The unk_id {unknown} is not in the vocabulary.", nameof(unknown));
        }

        _vocabulary = vocabulary;
        var pieces = Enumerable.Range(0, scores.Length).Select(id => (Text: vocabulary.Pieces[id], Id: id))
            .Where(p => vocabulary.Find(p.Text) == p.Id).ToArray();
        _lattice = new UnigramLattice(pieces, scores, scores.Min(), _unknown, single: false);
        _bytes = byteFallback ? [.. Enumerable.Range(0, 256).Select(b => vocabulary.Find(BpeModel.BytePiece((byte)b)) ?? PieceTrie.None)] : null;
    }

    protected override void Encode(ReadOnlySpan<char> word, List<PieceOccurrence> pieces)
    {
        var path = _path ??= [];
        path.Clear();
        _lattice.Cut(word, path);
        for (var i = 0; i < path.Count; i++)
        {
            var piece = path[i];
            if (piece.Id != _unknown)
            {
                pieces.Add(piece);
                continue;
            }

            while (i + 1 < path.Count && path[i + 1].Id == _unknown)
            {
                piece = piece with { End = path[++i].End };
            }

            AddUnknown(word[piece.Start..piece.End], piece, pieces);
        }
    }

    private void AddUnknown(ReadOnlySpan<char> text, PieceOccurrence piece, List<PieceOccurrence> pieces)
    {
        if (_vocabulary.TryGetId(text, out var id))
        {
            pieces.Add(piece with { Id = id });
        }
        else if (_bytes is not null && TryGetBytes(text, out var bytes))
        {
            pieces.AddRange(bytes.Select(b => piece with { Id = b }));
        }
        else if (_unknown >= 0)
        {
            pieces.Add(piece);
        }
        else
        {
            throw new TokenizationException($"The vocabulary has no piece for [{text}] and no token for unknown ones.");
        }
    }

    private bool TryGetBytes(ReadOnlySpan<char> text, out int[] ids)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text.ToArray());
        ids = [.. bytes.Select(b => _bytes![b])];
        return Array.TrueForAll(ids, id => id >= 0);
    }
}
