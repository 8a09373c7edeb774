using System.Runtime.CompilerServices;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// The best k documents of a segment by (score descending, id ascending). Every candidate is kept and counted in a histogram of scores, which gives a
/// threshold just below the k-th best at constant work a candidate, however large k is; what has fallen below it is dropped when memory runs out.
/// </summary>
internal sealed class TopDocuments
{
    private const int Buckets = 4096;
    private const int MinRoom = 64;

    /// <summary>Documents for each one wanted, at most. The fewer they are, the sooner it is known which of equal scores are out.</summary>
    private const int RoomForEach = 4;

    /// <summary>Documents after which the threshold is looked at again.</summary>
    private const int AtATime = 64;

    private readonly int[] _histogram = new int[Buckets];
    private readonly RankedSort _sort = new();
    private readonly RankedSelection _selection = new();
    private ScoredDocument[] _entries = new ScoredDocument[MinRoom];
    private DocumentRanks _ranks = null!;
    private int _room;
    private int _k;
    private double _bucketsPerScore;
    private int _bucket;
    private int _above;

    /// <summary>Documents of exactly this score, the k-th best, are out if their ranks are larger than this. None when it is no number.</summary>
    private double _tiedScore;
    private uint _tiedRank;

    public int Count { get; private set; }

    /// <summary>How many are wanted.</summary>
    public int Wanted => _k;

    /// <summary>A document that scores less is out; one that scores as much may still win by its id.</summary>
    public double Threshold { get; private set; }

    public ReadOnlySpan<ScoredDocument> Entries => _entries.AsSpan(0, Count);

    /// <param name="ranks">Of all documents; they break ties.</param>
    /// <param name="k">How many, at least 1.</param>
    /// <param name="floor">A score that is known to be needed.</param>
    /// <param name="ceiling">A score that few exceed; the histogram does not tell them apart.</param>
    public void Reset(DocumentRanks ranks, int k, double floor, double ceiling)
    {
        _ranks = ranks;
        _room = (int)Math.Clamp((long)k * RoomForEach, MinRoom, _entries.Length);
        _k = k;
        Count = 0;
        Threshold = 0;
        _bucketsPerScore = ceiling > 0 ? (Buckets - 1) / ceiling : 0;
        _bucket = 0;
        _above = 0;
        _tiedScore = double.NaN;
        Array.Clear(_histogram);
        Raise(floor);
    }

    /// <summary>Tells a score that is known to be needed.</summary>
    public void Raise(double floor)
    {
        Threshold = Math.Max(Threshold, floor);
        if (_above == 0 && _bucketsPerScore > 0)
        {
            // Spares walking there bucket by bucket.
            _bucket = Math.Max(_bucket, Bucket(Threshold * _bucketsPerScore));
        }
    }

    /// <summary>Documents that score as much as the k-th best, as sums say it.</summary>
    /// <param name="unit">What 1 of a sum is worth.</param>
    public TiedDocuments Ties(double unit)
    {
        var sum = _tiedScore >= Threshold ? Math.Round(_tiedScore / unit) : 0;
        return sum * unit == _tiedScore && sum <= uint.MaxValue ? new TiedDocuments((uint)sum, _tiedRank, _ranks) : default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double score, int document)
    {
        if (score >= Threshold)
        {
            Append(score, document);
            Advance();
        }
    }

    /// <summary>Adds documents, some at a time: what these are raises the threshold for those that follow.</summary>
    /// <param name="places">The documents' places.</param>
    /// <param name="sums">Of all places.</param>
    /// <param name="unit">What 1 of a sum is worth.</param>
    /// <param name="documents">Their documents.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public unsafe void Add(ReadOnlySpan<ushort> places, uint* sums, double unit, GroupPlaces documents)
    {
        for (; !places.IsEmpty; places = places[Math.Min(places.Length, AtATime)..])
        {
            var ties = Ties(unit);
            var needed = CandidateScan.Needed(this, unit, ties);
            foreach (var place in places[..Math.Min(places.Length, AtATime)])
            {
                var (sum, document) = (sums[place], documents.Document(place));
                if (sum >= needed && !ties.IsOut(sum, document))
                {
                    Append(sum * unit, document);
                }
            }

            Advance();
        }
    }

    /// <summary>Adds documents that have been announced; takes the place of what was.</summary>
    /// <param name="documents">Each with its sum above, the document below.</param>
    /// <param name="unit">What 1 of a sum is worth.</param>
    public void AddAnnounced(ReadOnlySpan<ulong> documents, double unit)
    {
        Recount();
        foreach (var document in documents)
        {
            Append((document >> 32) * unit, (int)document);
        }

        Advance();
    }

    /// <summary>
    /// Counts documents that are added by <see cref="AddAnnounced"/>: what k documents reach for sure raises the threshold before they are added.
    /// </summary>
    /// <param name="places">The documents' places.</param>
    /// <param name="sums">Of all places.</param>
    /// <param name="unit">What 1 of a sum is worth.</param>
    public unsafe void Announce(ReadOnlySpan<ushort> places, uint* sums, double unit)
    {
        var (histogram, least, above, scale) = (_histogram, _bucket, _above, unit * _bucketsPerScore);
        foreach (var place in places)
        {
            var bucket = Bucket(sums[place] * scale);
            histogram[bucket]++;
            above += bucket >= least ? 1 : 0;
        }

        _above = above;
        Advance();
    }

    /// <summary>Leaves the best k, in order.</summary>
    public void Finish()
    {
        Drop();
        if (Count > _k * 2L)
        {
            Select();
        }

        var found = Math.Min(Count, _k);
        _sort.Sort(ref _entries, Count, found, _ranks);
        Count = found;
    }

    /// <summary>Counts only what has been added.</summary>
    private void Recount()
    {
        Array.Clear(_histogram);
        _above = 0;
        foreach (ref readonly var entry in Entries)
        {
            CountIn(Bucket(entry.Score * _bucketsPerScore));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(double score, int document)
    {
        if (score == _tiedScore && _ranks[document] > _tiedRank)
        {
            return;
        }

        if (Count == _room)
        {
            MakeRoom();
        }

        _entries[Count++] = new ScoredDocument(score, document);
        CountIn(Bucket(score * _bucketsPerScore));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CountIn(int bucket)
    {
        _histogram[bucket]++;
        _above += bucket >= _bucket ? 1 : 0;
    }

    /// <summary>Raises the threshold while k documents lie above the bucket it is in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Advance()
    {
        var (histogram, bucket, above) = (_histogram, _bucket, _above);
        if (above - histogram[bucket] < _k)
        {
            return;
        }

        do
        {
            above -= histogram[bucket++];
        }
        while (above - histogram[bucket] >= _k);

        (_bucket, _above) = (bucket, above);
        Threshold = Math.Max(Threshold, bucket / _bucketsPerScore * (1 - 1e-12));
    }

    /// <summary>Without the checks of a saturating conversion, which would cost more than the rest. A damaged segment may bring any score.</summary>
    /// <param name="scaled">A score in buckets.</param>
    private static int Bucket(double scaled) => double.ConvertToIntegerNative<int>(double.MinNative(scaled, Buckets - 1));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom()
    {
        Advance();
        Drop();
        if (Count <= _room / 2)
        {
            return;
        }

        if (_room >= (long)_k * RoomForEach)
        {
            // Many equal scores: ids decide.
            Select();
            return;
        }

        _room = (int)Math.Min(Array.MaxLength, _room * 2L);
        if (_entries.Length < _room)
        {
            Array.Resize(ref _entries, _room);
        }
    }

    private void Drop()
    {
        var (kept, threshold) = (0, Threshold);
        var entries = _entries.AsSpan(0, Count);
        foreach (ref readonly var entry in entries)
        {
            // Always written: whether it is kept is a branch that can't be predicted.
            var isKept = entry.Score >= threshold;
            entries[kept] = entry;
            kept += isKept ? 1 : 0;
        }

        Count = kept;
    }

    /// <summary>Leaves the k best and a few more.</summary>
    private void Select()
    {
        Count = _selection.Select(_entries.AsSpan(0, Count), _k, _ranks, out var worst, out var areTied);
        Threshold = Math.Max(Threshold, worst.Score);
        if (areTied)
        {
            (_tiedScore, _tiedRank) = (worst.Score, worst.Rank);
        }
    }
}
