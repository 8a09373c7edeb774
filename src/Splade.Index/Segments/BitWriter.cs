namespace Splade.Index.Segments;

/// <summary>Writes numbers bit by bit, lowest first, up to a multiple of 64 bits.</summary>
internal ref struct BitWriter(SegmentWriter writer)
{
    private UInt128 _word;
    private int _filled;

    /// <param name="number">What has no more bits than these.</param>
    /// <param name="bits">At most 64.</param>
    public void Write(ulong number, int bits)
    {
        _word |= (UInt128)number << _filled;
        _filled += bits;
        if (_filled >= 64)
        {
            writer.WriteUInt64((ulong)_word);
            _word >>= 64;
            _filled -= 64;
        }
    }

    public void Finish()
    {
        if (_filled > 0)
        {
            writer.WriteUInt64((ulong)_word);
        }

        (_word, _filled) = (0, 0);
    }
}
