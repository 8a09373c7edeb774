using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Finds the sums that may reach the threshold, many at a time, and computes their exact scores.</summary>
internal sealed unsafe class CandidateScan
{
    private const int Lanes = 16;

    /// <summary>Sums that are compared at a time.</summary>
    private const int Block = 32;

    /// <summary>Blocks after which the threshold is looked at again; few at first, while it rises fast.</summary>
    private const int BlocksAtATime = 32;
    private const int BlocksAtFirst = 4;

    /// <summary>How near <see cref="ReachedBy"/> comes: a 256th.</summary>
    private const int PrecisionBits = 8;

    /// <summary>More than the rounding errors of sums of floats.</summary>
    private const float Margin = 1e-5f;

    /// <summary>For each float that is added up.</summary>
    private const float MarginOfClause = 1e-7f;

    private readonly Scratch<ShareOfThreshold> _ratios = new();
    private readonly Scratch<ushort> _near = new();
    private readonly Scratch<uint> _maxima = new();
    private readonly Scratch<ushort> _blocks = new();
    private int _blockCount;
    private int _next;

    /// <summary>Documents that matched, while they are counted.</summary>
    public long Matches { get; private set; }

    public void Reset() => Matches = 0;

    public void AddMatches(long count) => Matches += count;

    /// <param name="query">The query in its segment.</param>
    /// <param name="sums">A sum a document, clause after clause.</param>
    /// <param name="stride">Sums of a clause.</param>
    /// <param name="first">The first document.</param>
    /// <param name="documents">Which documents may be found.</param>
    /// <param name="best">Takes what is found; null only counts.</param>
    /// <param name="countMatches">Whether to count documents with a sum above 0.</param>
    public void Scan(SegmentQuery query, uint* sums, int stride, int first, in AllowedDocuments documents, TopDocuments? best, bool countMatches)
    {
        // Sums beyond the last document are 0.
        var size = Math.Min(stride, (query.Segment.DocumentCount - first + Block - 1) & -Block);
        if (countMatches)
        {
            Count(query, sums, stride, first, size, documents);
        }

        if (best is not null)
        {
            Scan(query, sums, stride, first, size, documents, best);
        }
    }

    /// <summary>The same for one superblock of several.</summary>
    public void ScanSuperblock(SegmentQuery query, uint* sums, int stride, in ScoredSuperblock superblock, in AllowedDocuments documents, TopDocuments best)
    {
        var start = superblock.Superblock << SegmentFormat.SuperblockBits;
        var size = Math.Min(SegmentFormat.SuperblockSize, (query.Segment.DocumentCount - start + Block - 1) & -Block);
        Scan(query, sums + superblock.Place, stride, start, size, documents, best);
    }

    /// <summary>
    /// A sum that so many documents reach, found before any of them is looked at: else a first group's documents would be candidates until the threshold has risen. Of each
    /// superblock eight sums count, the largest of every eighth document's: the best documents are seldom two of one lane.
    /// </summary>
    /// <param name="k">How many documents.</param>
    /// <param name="sums">The group's sums.</param>
    /// <param name="superblocks">Which superblocks have sums, of documents that all may be found.</param>
    /// <param name="least">A sum that is known to be needed.</param>
    /// <returns>At least that one.</returns>
    public uint ReachedBy(int k, uint* sums, ReadOnlySpan<ScoredSuperblock> superblocks, uint least)
    {
        const int Maxima = 8;
        if (k > superblocks.Length * Maxima / 2)
        {
            return least;
        }

        var maxima = _maxima.Ensure(superblocks.Length * Maxima);
        Vector256<uint> largest = default;
        for (var s = 0; s < superblocks.Length; s++)
        {
            var start = sums + superblocks[s].Place;
            Vector256<uint> even = default, odd = default;
            for (var block = 0; block < SegmentFormat.SuperblockSize / Block; block += 2)
            {
                even = Vector256.Max(even, BlockMaxima.Four(start, block));
                odd = Vector256.Max(odd, BlockMaxima.Four(start, block + 1));
            }

            even = Vector256.Max(even, odd);
            even.Store(maxima + (s * Maxima));
            largest = Vector256.Max(largest, even);
        }

        // By halves, until it is exact or nearly so.
        var (low, high) = (least, 0u);
        for (var lane = 0; lane < Maxima; lane++)
        {
            high = Math.Max(high, largest[lane]);
        }

        while (high > low && high - low > high >> PrecisionBits)
        {
            var middle = low + ((high - low + 1) >> 1);
            Vector256<uint> counts = default;
            for (var s = 0; s < superblocks.Length; s++)
            {
                counts -= Vector256.GreaterThanOrEqual(Vector256.Load(maxima + (s * Maxima)), Vector256.Create(middle));
            }

            var count = Vector256.Sum(counts);
            if (count == k)
            {
                return middle;
            }

            (low, high) = count > k ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Forgets the blocks of the group before.</summary>
    /// <param name="places">Places that the next one has.</param>
    public void BeginGroup(int places)
    {
        _blocks.Ensure((places / Block) + 1);
        _blockCount = 0;
        _next = 0;
    }

    /// <summary>Finds the blocks of a superblock with a sum that is near the threshold.</summary>
    /// <param name="sums">The group's sums, 0 beyond the last document.</param>
    /// <param name="place">The place of the superblock's first document.</param>
    /// <param name="needed">The least sum that is near.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void AddBlocks(uint* sums, int place, uint needed)
    {
        var blocks = _blocks.Pointer;
        var count = _blockCount;
        var least = Vector256.Create(needed);
        for (var (position, end) = (place, place + SegmentFormat.SuperblockSize); position < end; position += Block)
        {
            // Always written: whether a block counts is a branch that can't be predicted.
            var largest = BlockMaxima.Four(sums + position, 0);
            blocks[count] = (ushort)position;
            count += Vector256.Equals(Vector256.Max(largest, least), largest) == Vector256<uint>.Zero ? 0 : 1;
        }

        _blockCount = count;
    }

    /// <summary>About how many documents are near, by how many blocks have one: as if they lay anywhere.</summary>
    /// <param name="superblocks">Superblocks whose blocks were looked at.</param>
    /// <returns>Infinite when every block has one.</returns>
    public double NearDocuments(int superblocks)
    {
        var blocks = superblocks * (double)(SegmentFormat.SuperblockSize / Block);
        return -blocks * Math.Log(1 - (_blockCount / blocks));
    }

    /// <summary>Finds the documents of the next blocks whose sums are near the threshold; what they are raises it for those that follow.</summary>
    /// <param name="sums">The group's sums.</param>
    /// <param name="places">Where they are.</param>
    /// <param name="needed">The least sum that is near.</param>
    /// <param name="ties">What is out.</param>
    /// <param name="documents">Which documents may be found.</param>
    /// <param name="near">Their places, ascending.</param>
    /// <returns>False when there are no more blocks.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool FindNear(uint* sums, GroupPlaces places, uint needed, in TiedDocuments ties, in AllowedDocuments documents, out ReadOnlySpan<ushort> near)
    {
        var found = _near.Ensure((BlocksAtATime * Block) + 8);
        var next = found;
        var end = Math.Min(_next + Math.Clamp(_next, BlocksAtFirst, BlocksAtATime), _blockCount);
        near = default;
        if (_next == end)
        {
            return false;
        }

        for (; _next < end; _next++)
        {
            var position = _blocks.Pointer[_next];
            var block = sums + position;
            var document = places.Document(position);
            var bits = documents.Mask(Reached(block, needed) & ~ties.Out(block, document), document);
            for (var i = 0; i < Block; i += 8, bits >>= 8)
            {
                // How many there are is a branch that can't be predicted, so always eight are written.
                (Vector128.WidenLower(Vector128.CreateScalar(ByteOnes.Places[(byte)bits]).AsByte()) + Vector128.Create((ushort)(position + i))).Store(next);
                next += BitOperations.PopCount((byte)bits);
            }
        }

        near = new ReadOnlySpan<ushort>(found, (int)(next - found));
        return true;
    }

    /// <summary>The least sum that may become a hit's.</summary>
    /// <param name="threshold">The score that a hit needs.</param>
    /// <param name="unit">What 1 of a sum is worth.</param>
    /// <param name="missing">What sums may lack.</param>
    public static uint LeastNear(double threshold, double unit, uint missing) => Needed(threshold, unit) is var needed && needed > missing ? needed - missing : 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Reached(uint* sums, Vector256<uint> least) => Vector256.GreaterThanOrEqual(Vector256.Load(sums), least).ExtractMostSignificantBits();

    /// <summary>Which of 32 sums reach one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Reached(uint* sums, uint needed)
    {
        var least = Vector256.Create(needed);
        return Reached(sums, least) | (Reached(sums + 8, least) << 8) | (Reached(sums + 16, least) << 16) | (Reached(sums + 24, least) << 24);
    }

    private void Scan(SegmentQuery query, uint* sums, int stride, int first, int size, in AllowedDocuments documents, TopDocuments best)
    {
        var superblock = first >> SegmentFormat.SuperblockBits;
        var count = (size + SegmentFormat.SuperblockSize - 1) >> SegmentFormat.SuperblockBits;
        var unit = query.UnitOf(superblock, count);
        if (!double.IsNaN(unit))
        {
            ScanIntegers(unit, sums, first, size, documents, best);
        }
        else if (query.ClauseCount > 1 || count == 1)
        {
            ScanFloats(query, sums, stride, first, size, documents, best);
        }
        else
        {
            for (var s = 0; s < count; s++)
            {
                ScanSuperblock(query, sums, stride, new ScoredSuperblock(superblock + s, s << SegmentFormat.SuperblockBits), documents, best);
            }
        }
    }

    private void Count(SegmentQuery query, uint* sums, int stride, int first, int size, in AllowedDocuments documents)
    {
        for (var position = 0; position < size; position += Lanes)
        {
            Vector256<uint> low = default, high = default;
            for (var c = 0; c < query.ClauseCount; c++)
            {
                low |= Vector256.Load(sums + (c * stride) + position);
                high |= Vector256.Load(sums + (c * stride) + position + 8);
            }

            var mask = ~Mask(Vector256.Equals(low, default), Vector256.Equals(high, default));
            Matches += BitOperations.PopCount(documents.Mask(mask & 0xFFFF, first + position));
        }
    }

    private static void ScanIntegers(double unit, uint* sums, int first, int size, in AllowedDocuments documents, TopDocuments best)
    {
        var ties = best.Ties(unit);
        var needed = Needed(best, unit, ties);
        for (var position = 0; position < size; position += Block)
        {
            var block = sums + position;
            if (!Vector256.GreaterThanOrEqualAny(BlockMaxima.Four(block, 0), Vector256.Create(needed)))
            {
                continue;
            }

            var candidates = documents.Mask(Reached(block, needed) & ~ties.Out(block, first + position), first + position);
            if (candidates == 0)
            {
                continue;
            }

            for (; candidates != 0; candidates &= candidates - 1)
            {
                var place = BitOperations.TrailingZeroCount(candidates);
                best.Add(block[place] * unit, first + position + place);
            }

            ties = best.Ties(unit);
            needed = Needed(best, unit, ties);
        }
    }

    /// <summary>Several clauses, or documents with their own scales: scores in floats as shares of the threshold, then exactly.</summary>
    private void ScanFloats(SegmentQuery query, uint* sums, int stride, int first, int size, in AllowedDocuments documents, TopDocuments best)
    {
        var clauses = query.Clauses;
        var ratios = _ratios.Ensure(clauses.Length);
        var threshold = double.NegativeInfinity;
        var reached = Vector256.Create(1 - Margin - (clauses.Length * MarginOfClause));
        for (var position = 0; position < size; position += Lanes)
        {
            if (best.Threshold != threshold)
            {
                threshold = best.Threshold;
                for (var c = 0; c < clauses.Length; c++)
                {
                    ratios[c] = ShareOfThreshold.Of(clauses[c].ScaleOf(0), threshold);
                }
            }

            Vector256<float> low = default, high = default;
            for (var c = 0; c < clauses.Length; c++)
            {
                var scores = sums + (c * stride) + position;
                var shifts = clauses[c].Shifts == null ? null : clauses[c].Shifts + first + position;
                low += Share(scores, ratios[c], shifts, query.Segment.DocumentCount - first - position);
                high += Share(scores + 8, ratios[c], shifts == null ? null : shifts + 8, query.Segment.DocumentCount - first - position - 8);
            }

            var mask = Mask(Vector256.GreaterThanOrEqual(low, reached).AsUInt32(), Vector256.GreaterThanOrEqual(high, reached).AsUInt32());
            if (mask == 0)
            {
                continue;
            }

            for (var candidates = documents.Mask(mask, first + position); candidates != 0; candidates &= candidates - 1)
            {
                var place = position + BitOperations.TrailingZeroCount(candidates);
                best.Add(query.Score(sums, stride, place, first + place), first + place);
            }
        }
    }

    /// <summary>8 sums as shares of the threshold.</summary>
    private static Vector256<float> Share(uint* sums, in ShareOfThreshold ratio, byte* shifts, int documents)
    {
        var values = Vector256.ConvertToSingle(Vector256.Load(sums));
        if (shifts == null || documents <= 0)
        {
            return values * Vector256.Create(ratio.Value);
        }

        var bytes = stackalloc byte[8];
        new ReadOnlySpan<byte>(shifts, Math.Min(8, documents)).CopyTo(new Span<byte>(bytes, 8));
        var (words, _) = Vector128.Widen(Vector128.CreateScalar(*(ulong*)bytes).AsByte());
        var (lower, upper) = Vector128.Widen(words);
        return values * ratio.Shifted(Vector256.Create(lower, upper).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(Vector256<uint> low, Vector256<uint> high) =>
        low.ExtractMostSignificantBits() | (high.ExtractMostSignificantBits() << 8);

    /// <summary>Smallest sum that may become a hit's.</summary>
    public static uint Needed(TopDocuments best, double unit, in TiedDocuments ties) => Math.Max(Needed(best.Threshold, unit), ties.Sum);

    /// <summary>Smallest sum that may reach a score, at least 1.</summary>
    public static uint Needed(double score, double unit) => (uint)Math.Clamp(Math.Floor(score / unit * (1 - 1e-12)), 1.0, uint.MaxValue);
}
