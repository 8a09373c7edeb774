using System.Runtime.CompilerServices;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>The documents of a segment that a search may find: those not deleted, and in the filter where there is one.</summary>
internal readonly ref struct AllowedDocuments(LiveDocs live, ReadOnlySpan<ulong> filter)
{
    private readonly ReadOnlySpan<ulong> _deleted = live.DeletedWords;
    private readonly ReadOnlySpan<ulong> _filter = filter;

    public bool All => _deleted.IsEmpty && _filter.IsEmpty;

    public bool HasFilter => !_filter.IsEmpty;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(int document) =>
        (_deleted.IsEmpty || (_deleted[document >> 6] >> (document & 63) & 1) == 0)
        && (_filter.IsEmpty || (_filter[document >> 6] >> (document & 63) & 1) != 0);

    /// <summary>Clears the bits of documents that may not be found.</summary>
    /// <param name="documents">16 or 32 bits.</param>
    /// <param name="first">The document of the lowest bit, a multiple of as many.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Mask(ulong documents, int first)
    {
        if (!_deleted.IsEmpty)
        {
            documents &= ~(_deleted[first >> 6] >> (first & 63));
        }

        if (!_filter.IsEmpty)
        {
            documents &= _filter[first >> 6] >> (first & 63);
        }

        return documents;
    }

    /// <summary>Whether a superblock has a document in the filter.</summary>
    public bool AnyInFilter(int superblock)
    {
        if (_filter.IsEmpty)
        {
            return true;
        }

        const int words = SegmentFormat.SuperblockSize / 64;
        var start = superblock * words;
        return _filter[start..Math.Min(_filter.Length, start + words)].ContainsAnyExcept(0ul);
    }
}
