using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Segments;

/// <summary>The places of documents' ids in ascending order of their bytes, which break ties: as the file has them, or the documents' own numbers where these are in that order.</summary>
internal readonly unsafe struct DocumentRanks
{
    /// <summary>Documents that are compared at a time.</summary>
    public const int Block = 32;

    private readonly uint* _ranks;
    private readonly int _count;
    private readonly string _file;

    /// <summary>Those of documents in the order of their ids.</summary>
    public DocumentRanks(string file, int documents) => (_file, _count) = (file, documents);

    /// <param name="section">Where they are.</param>
    /// <param name="position">Where they start there.</param>
    /// <param name="documents">How many.</param>
    /// <exception cref="SegmentCorruptException">They do not lie inside the section.</exception>
    public DocumentRanks(Section section, long position, int documents)
    {
        _file = section.File;
        _ranks = (uint*)section.Pointer(position, (documents * 4L) + SegmentFormat.RanksPadding);
        _count = documents;
    }

    /// <exception cref="SegmentCorruptException">There is no such document: a damaged list names it.</exception>
    public uint this[int document]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)document < (uint)_count ? _ranks == null ? (uint)document : _ranks[document] : throw Missing(document);
    }

    /// <summary>Which of 32 neighbours have a larger rank; none that don't exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint LargerThan(uint rank, int document)
    {
        if (document >= _count)
        {
            return 0;
        }

        var bits = 0u;
        for (var i = 0; i < Block; i += Vector256<uint>.Count)
        {
            var ranks = _ranks == null ? Vector256.Create((uint)(document + i)) + Vector256<uint>.Indices : Vector256.Load(_ranks + document + i);
            bits |= Vector256.GreaterThan(ranks, Vector256.Create(rank)).ExtractMostSignificantBits() << i;
        }

        return bits;
    }

    public void Prefetch(int document)
    {
        if (Sse.IsSupported && _ranks != null)
        {
            Sse.Prefetch0(_ranks + document);
        }
    }

    private SegmentCorruptException Missing(int document) => new(_file, SegmentFormat.Postings, $"A list names document {document} of {_count}.");
}
