using System.Text;

namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>
/// GPT-2's pre-tokenizer: words with the space before them, numbers, runs of other characters, English contractions; then every byte becomes a
/// character. Its pattern, scanned by hand:
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool usePattern) : IPreTokenizer
{
    public void Split(PreTokenizedText text)
    {
        if (addPrefixSpace)
        {
            text.Rewrite(Prefix);
        }

        if (usePattern)
        {
            text.Cut(Cut);
        }

        text.Rewrite(ByteCharacters.Append);
    }

    private static void Prefix(NormalizedText text, int start, int end, NormalizedText target)
    {
        if (text.Characters[start] != ' ')
        {
            target.Add(' ', text.Start(start), text.End(start));
        }

        target.Append(text, start, end);
    }

    private static void Cut(NormalizedText text, int start, int end, List<(int Start, int End)> words)
    {
        var characters = text.Characters[..end];
        for (var position = start; position < end;)
        {
            var next = Next(characters, position);
            words.Add((position, next));
            position = next;
        }
    }

    private static int Next(ReadOnlySpan<char> text, int position)
    {
        var contraction = text[position] == '\'' ? Contraction(text[(position + 1)..]) : 0;
        if (contraction > 0)
        {
            return position + 1 + contraction;
        }

        var from = text[position] == ' ' ? position + 1 : position;
        if (from < text.Length)
        {
            var kind = Kind(text, from, out var length);
            if (kind != ByteLevelClass.Space)
            {
                return Run(text, from + length, kind);
            }
        }

        // White space, and at its end the last one goes with what follows.
        var end = Run(text, position, ByteLevelClass.Space);
        return end == text.Length || end == position + 1 ? end : end - 1;
    }

    private static int Run(ReadOnlySpan<char> text, int position, ByteLevelClass kind)
    {
        while (position < text.Length && Kind(text, position, out var length) == kind)
        {
            position += length;
        }

        return position;
    }

    private static int Contraction(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };

    private static ByteLevelClass Kind(ReadOnlySpan<char> text, int position, out int length)
    {
        var c = text[position];
        if (!char.IsSurrogate(c))
        {
            length = 1;
            return ByteLevelClasses.Of(c);
        }

        Rune.DecodeFromUtf16(text[position..], out var rune, out length);
        return ByteLevelClasses.Of(rune);
    }
}
