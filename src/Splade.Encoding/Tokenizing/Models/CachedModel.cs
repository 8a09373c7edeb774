namespace Splade.Encoding.Tokenizing.Models;

/// <summary>A model that cuts a word by its characters alone, so that words seen before need no work.</summary>
internal abstract class CachedModel : IPieceModel
{
    private readonly PieceCache _cache = new();

    [ThreadStatic]
    private static List<PieceOccurrence>? _pieces;

    public void Encode(NormalizedText text, int start, int end, List<PieceOccurrence> pieces)
    {
        var word = text.Characters[start..end];
        var hash = PieceCache.Hash(word);
        if (_cache.Find(word, hash) is { } known)
        {
            Place(known.Several ?? new ReadOnlySpan<PieceOccurrence>(in known.First), text, start, pieces);
            return;
        }

        var relative = _pieces ??= [];
        relative.Clear();
        Encode(word, relative);
        var span = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(relative);
        Place(span, text, start, pieces);
        _cache.Add(word, hash, span, 0);
    }

    /// <summary>Appends the pieces of a word with their [start, end) in it.</summary>
    protected abstract void Encode(ReadOnlySpan<char> word, List<PieceOccurrence> pieces);

    private static void Place(ReadOnlySpan<PieceOccurrence> relative, NormalizedText text, int offset, List<PieceOccurrence> pieces)
    {
        foreach (var piece in relative)
        {
            pieces.Add(new PieceOccurrence(piece.Id, text.Start(offset + piece.Start), text.End(offset + piece.End - 1)));
        }
    }
}
