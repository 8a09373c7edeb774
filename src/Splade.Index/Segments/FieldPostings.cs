namespace Splade.Index.Segments;

/// <summary>Dictionary and posting lists of one field of a segment.</summary>
internal sealed class FieldPostings
{
    private const int EntryBytes = 16;
    private readonly Section _terms;
    private readonly Section _postings;
    private readonly long _entries;
    private readonly long _names;

    public FieldPostings(string name, Section terms, Section postings)
    {
        Name = name;
        _terms = terms;
        _postings = postings;
        var count = terms.Number<uint>(0);
        if (count > terms.Length / 20)
        {
            throw terms.Corrupt($"{count} terms do not fit its {terms.Length} bytes.");
        }

        TermCount = (int)count;
        _entries = ((4 + ((TermCount + 1) * 4L)) + 7) & ~7L;
        _names = _entries + (TermCount * (long)EntryBytes);
    }

    public string Name { get; }

    public int TermCount { get; }

    public ReadOnlySpan<byte> Term(int term)
    {
        var offsets = _terms.Numbers<uint>(4 + (term * 4L), 2);
        return _terms.Bytes(_names + offsets[0], (int)Math.Clamp(offsets[1] - (long)offsets[0], -1, int.MaxValue));
    }

    /// <summary>Position of a term; -1 when no document has it.</summary>
    public int Find(ReadOnlySpan<byte> term)
    {
        int low = 0, high = TermCount - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = Term(middle).SequenceCompareTo(term);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return -1;
    }

    public PostingList Postings(int term)
    {
        var offset = _terms.Number<long>(_entries + (term * (long)EntryBytes));
        var frequency = _terms.Number<int>(_entries + (term * (long)EntryBytes) + 8);
        var ranges = _postings.Number<uint>(offset);
        if (frequency < 1 || ranges < 1 || ranges > (uint)frequency)
        {
            throw _postings.Corrupt($"Term {term} claims {ranges} ranges and {frequency} documents.");
        }

        var documents = offset + 4 + (ranges * 8L);
        return new PostingList(_postings, offset + 4, (int)ranges, documents, documents + (frequency * 2L), frequency);
    }

    /// <summary>All documents of a term, ascending, with their codes.</summary>
    public void Read(int term, List<int> documents, List<ushort> codes)
    {
        var list = Postings(term);
        var position = 0;
        for (var i = 0; i < list.RangeCount; i++)
        {
            var (range, count) = list.Range(i);
            foreach (var local in list.Documents(position, count))
            {
                documents.Add((range << SegmentFormat.RangeBits) | local);
            }

            foreach (var code in list.Codes(position, count))
            {
                codes.Add(code);
            }

            position += count;
        }
    }
}

/// <summary>One posting list: ranges that hold it, then documents and weight codes in the order of the ranges.</summary>
internal readonly struct PostingList(Section section, long ranges, int rangeCount, long documents, long codes, int frequency)
{
    public int RangeCount { get; } = rangeCount;

    public int Frequency { get; } = frequency;

    public (int Range, int Count) Range(int index)
    {
        var pair = section.Numbers<int>(ranges + (index * 8L), 2);
        if (pair[0] < 0 || pair[1] < 1 || pair[1] > Frequency)
        {
            throw section.Corrupt("A range of a posting list is damaged.");
        }

        return (pair[0], pair[1]);
    }

    /// <summary>Documents inside their range, from a position in the whole list.</summary>
    public ReadOnlySpan<ushort> Documents(int position, int count) => section.Numbers<ushort>(documents + (position * 2L), count);

    public ReadOnlySpan<ushort> Codes(int position, int count) => section.Numbers<ushort>(codes + (position * 2L), count);
}
