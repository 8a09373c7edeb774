using System.Globalization;
using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>Grapheme clusters as the reference has them: by Unicode 17, of which the runtime does not know all marks yet.</summary>
internal static class GraphemeClusters
{
    private static readonly CodePointSet NewMarks = CodePointSet.Parse("1ACF-1ADD 1AE0-1AEB 10EFA-10EFB 11B60-11B67 1E6E3 1E6E6 1E6EE-1E6EF 1E6F5");

    /// <summary>Length of the first cluster in UTF-16 units.</summary>
    public static int FirstLength(ReadOnlySpan<char> text)
    {
        var length = StringInfo.GetNextTextElementLength(text);
        while (length < text.Length && text[length] >= '\u1ACF' && IsNewMark(text[length..]) && TakesMarks(text[..length]))
        {
            length += StringInfo.GetNextTextElementLength(text[length..]);
        }

        return length;
    }

    private static bool IsNewMark(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out var rune, out _);
        return NewMarks.Contains(rune.Value);
    }

    /// <summary>False for controls, which stand alone.</summary>
    private static bool TakesMarks(ReadOnlySpan<char> cluster)
    {
        Rune.DecodeLastFromUtf16(cluster, out _, out var length);
        Span<char> marked = [.. cluster[^length..], '\u0301'];
        return StringInfo.GetNextTextElementLength(marked) == marked.Length;
    }
}
