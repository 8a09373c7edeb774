using System.Text;

namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>Words, and runs of other characters, between white space: <c>\w+|[^\w\s]+</c>.</summary>
internal sealed class WhitespacePreTokenizer : IPreTokenizer
{
    public void Split(PreTokenizedText text) => text.Cut(Cut);

    private static void Cut(NormalizedText text, int start, int end, List<(int Start, int End)> words)
    {
        var word = start;
        var kind = Kind.Space;
        for (var position = start; position < end;)
        {
            var rune = text.RuneAt(position, out var length);
            var next = Rune.IsWhiteSpace(rune) ? Kind.Space : WordCharacters.IsWord(rune) ? Kind.Word : Kind.Other;
            if (next != kind)
            {
                Add(word, position, kind);
                word = position;
                kind = next;
            }

            position += length;
        }

        Add(word, end, kind);

        void Add(int from, int to, Kind of)
        {
            if (of != Kind.Space && from < to)
            {
                words.Add((from, to));
            }
        }
    }

    private enum Kind
    {
        Space,
        Word,
        Other,
    }
}
