using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>A feature of a query in one segment: its list, and for sparse and flat ones where the last search in it ended.</summary>
internal unsafe struct QueryTerm
{
    public uint Weight;
    public int Clause;
    public int Frequency;

    /// <summary>The most that it can add to a score.</summary>
    public double LargestContribution;

    /// <summary>The same as a sum, in a segment with one scale for all documents.</summary>
    public uint LargestSum;

    /// <summary>How little it adds for what it costs; of a celled term.</summary>
    public double PostingsPerScore;

    public CelledList Celled;
    public SparseList Sparse;
    public FlatList Flat;

    /// <summary>Of its list.</summary>
    public long Offset;

    /// <summary>Bounds of a celled term's blocks, or of a sparse term's superblocks.</summary>
    public byte* Row;

    /// <summary>The row has 2 bits a superblock, see <see cref="LevelsRow"/>.</summary>
    public bool HasLevels;
    public FieldPostings Field;
    private int _position;
    private SparseCursor _cursor;

    /// <summary>Takes the place of a term of an earlier query; what its kind of list needs comes next.</summary>
    public void Begin(FieldPostings field, int clause, uint weight, in TermEntry entry, double largestContribution)
    {
        Field = field;
        Clause = clause;
        Weight = weight;
        Frequency = entry.Frequency;
        Offset = entry.Offset;
        LargestContribution = largestContribution;
        _position = 0;
        _cursor = default;
    }

    /// <summary>Where the postings of a sparse list from a superblock on are; known at once for the one set by <see cref="SetNext"/>.</summary>
    public readonly SparseCursor Seek(int superblock) =>
        superblock == 0 ? default
        : _cursor.Superblock == superblock ? _cursor
        : Sparse.TryFindPairs(superblock, out var start, out _) ? new SparseCursor(superblock, start)
        : throw Field.DamagedDirectory();

    /// <summary>Whether a sparse list's bound of a superblock is not 0; if it is, there are no postings.</summary>
    public readonly bool MayHave(int superblock) => HasLevels
        ? ((Row[SegmentFormat.LevelsHeader + (superblock >> 2)] >> ((superblock & 3) * 2)) & 3) != 0
        : ((Row[superblock >> 1] >> ((superblock & 1) * SegmentFormat.BoundBits)) & SegmentFormat.BoundsLevels) != 0;

    public void SetNext(in SparseCursor cursor) => _cursor = cursor;

    /// <summary>Where the postings of a flat list from a document on start. Fast when called for ascending ones.</summary>
    public int FindFlat(int firstDocument)
    {
        if (_position > 0 && Flat.Documents[_position - 1] >= firstDocument)
        {
            _position = 0;
        }

        _position = LowerBound(Flat.Documents, _position, Frequency, firstDocument);
        return _position;
    }

    /// <summary>Tells where the postings of the documents after those of <see cref="FindFlat"/> start.</summary>
    public void SetNextFlat(int position) => _position = position;

    /// <summary>First document from a position that is not below a number; as a rule the first one, else found without branches.</summary>
    private static int LowerBound(int* documents, int low, int high, int number)
    {
        if (low == high || documents[low] >= number)
        {
            return low;
        }

        // That one is below.
        for (var length = high - low; length > 1;)
        {
            var half = length >> 1;
            low += half & ((documents[low + half] - number) >> 31);
            length -= half;
        }

        return low + 1;
    }
}

/// <summary>The terms of a query that share a kind of list, clause by clause.</summary>
internal sealed class QueryTerms
{
    private QueryTerm[] _terms = new QueryTerm[32];

    public int Count { get; private set; }

    public long Postings { get; private set; }

    public Span<QueryTerm> Span => _terms.AsSpan(0, Count);

    /// <summary>Sum of the most that each can add to a score.</summary>
    public double LargestContributions { get; private set; }

    public void Clear() => (Count, Postings, LargestContributions) = (0, 0, 0);

    /// <summary>Adds a term, which holds what an earlier query left and is filled in where it lies: it is large.</summary>
    /// <param name="frequency">Its postings.</param>
    /// <param name="largestContribution">The most that it can add to a score.</param>
    public ref QueryTerm Add(int frequency, double largestContribution)
    {
        if (Count == _terms.Length)
        {
            Array.Resize(ref _terms, Count * 2);
        }

        Postings += frequency;
        LargestContributions += largestContribution;
        return ref _terms[Count++];
    }
}
