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
    private const int MinRoom = 256;
    private readonly int[] _histogram = new int[Buckets];
    private (double Score, int Document)[] _entries = new (double, int)[MinRoom];
    private readonly RankedSort _sort = new();
    private Segment _segment = null!;
    private int _k;
    private double _bucketsPerScore;
    private int _bucket;
    private int _above;

    /// <summary>Documents of exactly this score, the k-th best, are out if their ids' keys are not below this: of binary weights most scores are equal. None when it is no number.</summary>
    private double _tiedScore;
    private ulong _tiedKey;

    public int Count { get; private set; }

    /// <summary>How many are wanted.</summary>
    public int Wanted => _k;

    /// <summary>A document that scores less is out; one that scores as much may still win by its id.</summary>
    public double Threshold { get; private set; }

    public ReadOnlySpan<(double Score, int Document)> Entries => _entries.AsSpan(0, Count);

    /// <param name="segment">Where the documents are; its ids break ties.</param>
    /// <param name="k">How many, at least 1.</param>
    /// <param name="floor">A score that is known to be needed.</param>
    /// <param name="ceiling">A score that few exceed; the histogram does not tell them apart.</param>
    public void Reset(Segment segment, int k, double floor, double ceiling)
    {
        _segment = segment;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double score, int document)
    {
        if (score >= Threshold)
        {
            Append(score, document);
            Advance();
        }
    }

    /// <summary>Adds documents whose scores are known to reach the threshold, and raises it once for all.</summary>
    /// <param name="places">The documents' places.</param>
    /// <param name="sums">Of all places.</param>
    /// <param name="unit">What 1 of a sum is worth.</param>
    /// <param name="documents">Their documents.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public unsafe void Add(ReadOnlySpan<ushort> places, uint* sums, double unit, GroupPlaces documents)
    {
        foreach (var place in places)
        {
            Append(sums[place] * unit, documents.Document(place));
        }

        Advance();
    }

    /// <summary>The same for documents that have been announced; takes the place of what was.</summary>
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
        _sort.Sort(ref _entries, Count, found, _segment);
        Count = found;
    }

    /// <summary>Counts only what has been added.</summary>
    private void Recount()
    {
        Array.Clear(_histogram);
        _above = 0;
        foreach (var (score, _) in Entries)
        {
            CountIn(Bucket(score * _bucketsPerScore));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(double score, int document)
    {
        if (Count == _entries.Length)
        {
            MakeRoom();
        }

        if (score == _tiedScore && _segment.IdKey(document) >= _tiedKey)
        {
            return;
        }

        _entries[Count++] = (score, document);
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
        if (Count > _entries.Length / 2 && _entries.Length < _k * 4L)
        {
            Array.Resize(ref _entries, (int)Math.Min(Array.MaxLength, _entries.Length * 2L));
        }
        else if (Count > _entries.Length / 2)
        {
            // Many equal scores: ids decide.
            Select();
        }
    }

    private void Drop()
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            _entries[kept] = _entries[i];
            kept += _entries[i].Score >= Threshold ? 1 : 0;
        }

        Count = kept;
    }

    /// <summary>Hoare's selection of the k best.</summary>
    private void Select()
    {
        int low = 0, high = Count - 1;
        while (low < high)
        {
            var pivot = Median(_entries[low], _entries[(low + high) >>> 1], _entries[high]);
            int i = low, j = high;
            while (i <= j)
            {
                while (Compare(_entries[i], pivot) < 0)
                {
                    i++;
                }

                while (Compare(pivot, _entries[j]) < 0)
                {
                    j--;
                }

                if (i <= j)
                {
                    (_entries[i], _entries[j]) = (_entries[j], _entries[i]);
                    i++;
                    j--;
                }
            }

            if (_k - 1 <= j)
            {
                high = j;
            }
            else if (_k - 1 >= i)
            {
                low = i;
            }
            else
            {
                break;
            }
        }

        Count = _k;
        Threshold = Math.Max(Threshold, _entries[_k - 1].Score);
        (_tiedScore, _tiedKey) = (_entries[_k - 1].Score, _segment.IdKey(_entries[_k - 1].Document));
    }

    private (double Score, int Document) Median((double, int) a, (double, int) b, (double, int) c) =>
        Compare(a, b) < 0
            ? Compare(b, c) < 0 ? b : Compare(a, c) < 0 ? c : a
            : Compare(a, c) < 0 ? a : Compare(b, c) < 0 ? c : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Compare((double Score, int Document) a, (double Score, int Document) b) => RankedSort.Compare(a, b, _segment);
}
