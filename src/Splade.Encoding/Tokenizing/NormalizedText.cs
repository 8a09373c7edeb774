namespace Splade.Encoding.Tokenizing;

/// <summary>Normalised characters with the [start, end) of the original text that each came from.</summary>
internal sealed class NormalizedText
{
    private const int KeptCapacity = 1 << 16;
    private char[] _characters = new char[256];
    private int[] _starts = new int[256];
    private int[] _ends = new int[256];

    public int Length { get; private set; }

    public ReadOnlySpan<char> Characters => _characters.AsSpan(0, Length);

    public void Add(char c, int start, int end)
    {
        if (Length == _characters.Length)
        {
            Array.Resize(ref _characters, Length * 2);
            Array.Resize(ref _starts, Length * 2);
            Array.Resize(ref _ends, Length * 2);
        }

        _characters[Length] = c;
        _starts[Length] = start;
        _ends[Length++] = end;
    }

    /// <summary>Empties it; the memory of a very long text is let go.</summary>
    public void Clear()
    {
        Length = 0;
        if (_characters.Length > KeptCapacity)
        {
            _characters = new char[256];
            _starts = new int[256];
            _ends = new int[256];
        }
    }

    public int Start(int index) => _starts[index];

    public int End(int index) => _ends[index];
}
