using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Segments;

/// <summary>
/// The places of documents' ids in ascending order of their bytes, which break ties: the documents' own numbers, or where documents are in another order, numbers that are
/// made from it for the first search that meets equal scores. These take four bytes a document in memory, and some nanoseconds; in a file they would be a fiftieth of real text.
/// </summary>
internal sealed unsafe class DocumentRanks
{
    /// <summary>Documents that are compared at a time.</summary>
    public const int Block = 32;

    private readonly string _file;
    private readonly int _count;
    private readonly PackedNumbers? _byRank;
    private readonly Lock _making = new();

    // Pinned, with room for a block behind the last. The address is there as soon as the ranks are.
    private uint[]? _memory;
    private nint _ranks;

    /// <summary>Those of documents in the order of their ids.</summary>
    public DocumentRanks(string file, int documents) => (_file, _count) = (file, documents);

    /// <param name="file">Whose documents.</param>
    /// <param name="byRank">The document of each rank.</param>
    public DocumentRanks(string file, PackedNumbers byRank) => (_file, _count, _byRank) = (file, byRank.Count, byRank);

    /// <exception cref="SegmentCorruptException">There is no such document: a damaged list names it. Or the order is damaged.</exception>
    public uint this[int document]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)document >= (uint)_count)
            {
                throw Missing(document);
            }

            return _byRank is null ? (uint)document : Known()[document];
        }
    }

    /// <summary>Which of 32 neighbours have a larger rank; none that don't exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint LargerThan(uint rank, int document)
    {
        if (document >= _count)
        {
            return 0;
        }

        var known = _byRank is null ? null : Known();
        var bits = 0u;
        for (var i = 0; i < Block; i += Vector256<uint>.Count)
        {
            var ranks = known == null ? Vector256.Create((uint)(document + i)) + Vector256<uint>.Indices : Vector256.Load(known + document + i);
            bits |= Vector256.GreaterThan(ranks, Vector256.Create(rank)).ExtractMostSignificantBits() << i;
        }

        return bits;
    }

    /// <summary>Asks for the memory of a document's rank.</summary>
    public void Prefetch(int document)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((uint*)_ranks + document);
        }
    }

    /// <summary>Frees their memory, when nobody searches any more: threads may keep the segment of their last search.</summary>
    public void Free() => (_memory, _ranks) = (null, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint* Known() => _ranks == 0 ? Make() : (uint*)_ranks;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint* Make()
    {
        lock (_making)
        {
            if (_ranks == 0)
            {
                var byRank = _byRank!.Value;
                var memory = GC.AllocateArray<uint>(_count + Block, pinned: true);
                for (var rank = 0; rank < _count; rank++)
                {
                    var document = byRank.At(rank);
                    if ((ulong)document >= (ulong)_count)
                    {
                        throw new SegmentCorruptException(_file, SegmentFormat.Order, "A document is out of range.");
                    }

                    memory[document] = (uint)rank;
                }

                _memory = memory;
                Volatile.Write(ref _ranks, (nint)Unsafe.AsPointer(ref memory[0]));
            }

            return (uint*)_ranks;
        }
    }

    private SegmentCorruptException Missing(int document) => new(_file, SegmentFormat.Postings, $"A list names document {document} of {_count}.");
}
