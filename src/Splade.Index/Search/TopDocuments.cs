using System.Runtime.CompilerServices;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// The best k documents of a segment by (score descending, id ascending). Candidates go into a buffer; when it is full, a selection keeps the best k and
/// raises the threshold: constant work a candidate, however large k is.
/// </summary>
internal sealed class TopDocuments
{
    private const int MinSlack = 32;
    private (double Score, int Document)[] _entries = [];
    private Segment _segment = null!;
    private int _k;
    private int _capacity;
    private bool _changed;

    public int Count { get; private set; }

    /// <summary>A document that scores less is out; one that scores as much may still win by its id.</summary>
    public double Threshold { get; private set; }

    public ReadOnlySpan<(double Score, int Document)> Entries => _entries.AsSpan(0, Count);

    /// <param name="segment">Where the documents are; its ranks break ties.</param>
    /// <param name="k">How many, at least 1.</param>
    /// <param name="floor">A score that is known to be needed.</param>
    public void Reset(Segment segment, int k, double floor)
    {
        _segment = segment;
        _k = k;
        _capacity = (int)Math.Min(Array.MaxLength, (long)k + Math.Max(MinSlack, k));
        Count = 0;
        Threshold = floor;
        _changed = false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double score, int document)
    {
        if (score >= Threshold)
        {
            Append(score, document);
        }
    }

    /// <summary>Makes <see cref="Threshold"/> the k-th best score so far.</summary>
    public void Tighten()
    {
        if (_changed && Count >= _k)
        {
            Select();
        }
    }

    /// <summary>The same, when that is cheap beside what the threshold saves.</summary>
    public void TightenSoon()
    {
        if (Count >= _k + (_k >> 3))
        {
            Tighten();
        }
    }

    /// <summary>Leaves the best k, in order.</summary>
    public void Finish()
    {
        if (Count > _k)
        {
            Select();
        }

        _entries.AsSpan(0, Count).Sort(Compare);
    }

    private void Append(double score, int document)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, (int)Math.Min(_capacity, Math.Max(64L, Count * 2L)));
        }

        _entries[Count++] = (score, document);
        _changed = true;
        if (Count == _capacity)
        {
            Select();
        }
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
        _changed = false;
    }

    private (double Score, int Document) Median((double, int) a, (double, int) b, (double, int) c) =>
        Compare(a, b) < 0
            ? Compare(b, c) < 0 ? b : Compare(a, c) < 0 ? c : a
            : Compare(a, c) < 0 ? a : Compare(b, c) < 0 ? c : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Compare((double Score, int Document) a, (double Score, int Document) b) =>
        a.Score > b.Score ? -1 : a.Score < b.Score ? 1 : _segment.Rank(a.Document).CompareTo(_segment.Rank(b.Document));
}
