using System.Globalization;

namespace Splade.Encoding.Tokenizing;

/// <summary>A set of code points as sorted ranges.</summary>
internal sealed class CodePointSet
{
    private readonly bool[] _ascii = new bool[128];
    private readonly int[] _starts;
    private readonly int[] _ends;

    private CodePointSet((int Start, int End)[] ranges)
    {
        _starts = [.. ranges.Select(r => r.Start)];
        _ends = [.. ranges.Select(r => r.End)];
        for (var c = 0; c < _ascii.Length; c++)
        {
            _ascii[c] = Find(c);
        }
    }

    /// <param name="ranges">Ascending, hexadecimal, inclusive: <c>21-2F AD 600-605</c>.</param>
    public static CodePointSet Parse(string ranges) => new([.. Ranges(ranges)]);

    /// <inheritdoc cref="Parse"/>
    public static IEnumerable<(int Start, int End)> Ranges(string ranges) =>
        ranges.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split('-')).Select(r => (Hex(r[0]), Hex(r[^1])));

    public static int Hex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public bool Contains(int c) => c < _ascii.Length ? _ascii[c] : Find(c);

    private bool Find(int c)
    {
        var place = Array.BinarySearch(_starts, c);
        return place >= 0 || (~place > 0 && c <= _ends[~place - 1]);
    }
}
