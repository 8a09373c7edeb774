using System.Buffers.Binary;
using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>
/// SentencePiece's precompiled character map: a Darts double array over UTF-8 keys whose values are places in a block of NUL-terminated replacements.
/// </summary>
internal sealed class CharacterMap
{
    private const int HeaderBytes = sizeof(uint);
    private readonly uint[] _units;
    private readonly byte[] _replacements;
    private readonly bool[] _mapped = new bool[SimpleCharacters];

    /// <summary>Characters below are no part of longer keys in practice; the constructor makes sure of it.</summary>
    private const int SimpleCharacters = 0x300;

    /// <exception cref="ArgumentException">The bytes are no character map.</exception>
    public CharacterMap(ReadOnlySpan<byte> blob)
    {
        var size = blob.Length >= HeaderBytes ? BinaryPrimitives.ReadUInt32LittleEndian(blob) : uint.MaxValue;
        if (size == 0 || size % sizeof(uint) != 0 || size > blob.Length - HeaderBytes)
        {
            throw new ArgumentException($"The precompiled character map has {blob.Length} bytes and says that {size} of them are its table.", nameof(blob));
        }

        _units = new uint[size / sizeof(uint)];
        for (var i = 0; i < _units.Length; i++)
        {
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(blob[(HeaderBytes + (i * sizeof(uint)))..]);
        }

        _replacements = blob[(HeaderBytes + (int)size)..].ToArray();
        for (var c = 0; c < SimpleCharacters; c++)
        {
            // One that starts a key is not simple, whether the key is the character alone or goes on.
            ReadOnlySpan<char> text = [(char)c];
            _mapped[c] = c is '\r' or '\n' || Walk(text, 1, out _, out _, out var open) || open;
        }
    }

    /// <summary>True for a character that is neither mapped nor the first of a longer key.</summary>
    public bool IsPlain(char c) => c < SimpleCharacters && !_mapped[c];

    /// <summary>The replacement of the shortest key that the text starts with; other characters of the text are of no account.</summary>
    public bool TryShortest(ReadOnlySpan<char> text, out ReadOnlySpan<byte> replacement) => Walk(text, 1, out _, out replacement, out _);

    /// <summary>The replacement of the longest key that the text starts with, and the key's length in UTF-16 units.</summary>
    public bool TryLongest(ReadOnlySpan<char> text, out int length, out ReadOnlySpan<byte> replacement) =>
        Walk(text, int.MaxValue, out length, out replacement, out _);

    /// <param name="open">True if the text ended where a longer key goes on.</param>
    private bool Walk(ReadOnlySpan<char> text, int keys, out int length, out ReadOnlySpan<byte> replacement, out bool open)
    {
        length = 0;
        open = false;
        var found = -1;
        Span<byte> bytes = stackalloc byte[4];
        var node = Offset(_units[0]);
        for (var position = 0; position < text.Length;)
        {
            Rune.DecodeFromUtf16(text[position..], out var rune, out var units);
            position += units;
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                node ^= b;
                if (b == 0 || node >= (uint)_units.Length || (_units[node] & 0x800000FF) != b)
                {
                    return Value(found, out replacement);
                }

                var unit = _units[node];
                node ^= Offset(unit);
                if ((unit & 0x100) != 0 && node < (uint)_units.Length)
                {
                    found = (int)(_units[node] & 0x7FFFFFFF);
                    length = position;
                    if (--keys == 0)
                    {
                        return Value(found, out replacement);
                    }
                }
            }
        }

        open = true;
        return Value(found, out replacement);
    }

    private bool Value(int place, out ReadOnlySpan<byte> replacement)
    {
        if (place < 0 || place > _replacements.Length)
        {
            replacement = default;
            return false;
        }

        replacement = _replacements.AsSpan(place);
        var end = replacement.IndexOf((byte)0);
        replacement = end < 0 ? replacement : replacement[..end];
        return true;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);
}
