using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// Normalised characters with the [start, end) of the original text that each came from. Both halves of a surrogate pair have the place of the whole
/// code point, so no place ever lies inside of one.
/// </summary>
internal sealed class NormalizedText
{
    private const int KeptCapacity = 1 << 16;
    private char[] _characters = new char[256];
    private int[] _starts = new int[256];
    private int[] _ends = new int[256];

    public int Length { get; private set; }

    public ReadOnlySpan<char> Characters => _characters.AsSpan(0, Length);

    public int Start(int index) => _starts[index];

    public int End(int index) => _ends[index];

    /// <summary>The code point at an index, and how many characters it has.</summary>
    public Rune RuneAt(int index, out int length)
    {
        if (!char.IsSurrogate(_characters[index]))
        {
            length = 1;
            return new Rune(_characters[index]);
        }

        Rune.DecodeFromUtf16(Characters[index..], out var rune, out length);
        return rune;
    }

    public void Add(char c, int start, int end)
    {
        if (Length == _characters.Length)
        {
            Grow(Length + 1);
        }

        _characters[Length] = c;
        _starts[Length] = start;
        _ends[Length++] = end;
    }

    public void Add(Rune rune, int start, int end)
    {
        if (rune.IsBmp)
        {
            Add((char)rune.Value, start, end);
            return;
        }

        Span<char> pair = stackalloc char[2];
        rune.EncodeToUtf16(pair);
        Add(pair[0], start, end);
        Add(pair[1], start, end);
    }

    public void Append(NormalizedText from, int start, int end)
    {
        var count = end - start;
        Grow(Length + count);
        from._characters.AsSpan(start, count).CopyTo(_characters.AsSpan(Length));
        from._starts.AsSpan(start, count).CopyTo(_starts.AsSpan(Length));
        from._ends.AsSpan(start, count).CopyTo(_ends.AsSpan(Length));
        Length += count;
    }

    /// <summary>Makes it a part of a text as it stands. A lone surrogate, which no UTF-8 text has, becomes U+FFFD.</summary>
    public void Load(ReadOnlySpan<char> text, int start, int end)
    {
        Clear();
        Grow(end - start);
        text[start..end].CopyTo(_characters);
        Length = end - start;
        for (var i = 0; i < Length; i++)
        {
            _starts[i] = start + i;
            _ends[i] = start + i + 1;
        }

        for (var i = Characters.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < Length; i++)
        {
            if (char.IsHighSurrogate(_characters[i]) && i + 1 < Length && char.IsLowSurrogate(_characters[i + 1]))
            {
                _ends[i]++;
                _starts[++i]--;
            }
            else if (char.IsSurrogate(_characters[i]))
            {
                _characters[i] = '\uFFFD';
            }
        }
    }

    public void Replace(char old, char with, int from) => _characters.AsSpan(from, Length - from).Replace(old, with);

    public void Truncate(int length) => Length = length;

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

    private void Grow(int length)
    {
        if (length > _characters.Length)
        {
            var capacity = Math.Max(length, _characters.Length * 2);
            Array.Resize(ref _characters, capacity);
            Array.Resize(ref _starts, capacity);
            Array.Resize(ref _ends, capacity);
        }
    }
}
