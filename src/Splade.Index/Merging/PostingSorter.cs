namespace Splade.Index.Merging;

/// <summary>Collects the postings of a term from several segments and puts them into the new document order.</summary>
internal sealed class PostingSorter
{
    private ulong[] _keys = new ulong[1024];
    private ulong[] _spare = new ulong[1024];
    private int[] _documents = new int[1024];
    private byte[] _impacts = new byte[1024];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public void Add(int document, byte impact)
    {
        if (Count == _keys.Length)
        {
            Array.Resize(ref _keys, Count * 2);
        }

        _keys[Count++] = ((ulong)document << 8) | impact;
    }

    /// <summary>Sorts by document; radix sort in steps of 11 bits, skipped when everything is in order already.</summary>
    /// <param name="documentBits">Significant bits of the largest document.</param>
    /// <param name="documents">Ascending; valid until the next call.</param>
    /// <param name="impacts">As many.</param>
    public void Sort(int documentBits, out ReadOnlySpan<int> documents, out ReadOnlySpan<byte> impacts)
    {
        if (!IsSorted())
        {
            if (Count < 64)
            {
                Array.Sort(_keys, 0, Count);
            }
            else
            {
                for (var shift = 8; shift < 8 + documentBits; shift += 11)
                {
                    Pass(shift);
                }
            }
        }

        if (_documents.Length < Count)
        {
            _documents = new int[_keys.Length];
            _impacts = new byte[_keys.Length];
        }

        for (var i = 0; i < Count; i++)
        {
            _documents[i] = (int)(_keys[i] >> 8);
            _impacts[i] = (byte)_keys[i];
        }

        documents = _documents.AsSpan(0, Count);
        impacts = _impacts.AsSpan(0, Count);
    }

    private bool IsSorted()
    {
        for (var i = 1; i < Count; i++)
        {
            if (_keys[i] < _keys[i - 1])
            {
                return false;
            }
        }

        return true;
    }

    private void Pass(int shift)
    {
        if (_spare.Length < _keys.Length)
        {
            _spare = new ulong[_keys.Length];
        }

        Span<int> places = stackalloc int[2048];
        places.Clear();
        for (var i = 0; i < Count; i++)
        {
            places[(int)(_keys[i] >> shift) & 2047]++;
        }

        var sum = 0;
        foreach (ref var place in places)
        {
            (place, sum) = (sum, sum + place);
        }

        for (var i = 0; i < Count; i++)
        {
            _spare[places[(int)(_keys[i] >> shift) & 2047]++] = _keys[i];
        }

        (_keys, _spare) = (_spare, _keys);
    }
}
