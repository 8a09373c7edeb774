namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>Words between white space; every punctuation mark is a word of its own.</summary>
internal sealed class BertPreTokenizer : IPreTokenizer
{
    public void Split(PreTokenizedText text) => text.Cut(Cut);

    private static void Cut(NormalizedText text, int start, int end, List<(int Start, int End)> words)
    {
        var word = start;
        for (var position = start; position < end;)
        {
            var rune = text.RuneAt(position, out var length);
            var punctuation = BertCharacters.IsPunctuation(rune);
            if (punctuation || BertCharacters.IsWhiteSpace(rune))
            {
                if (word < position)
                {
                    words.Add((word, position));
                }

                word = position + length;
                if (punctuation)
                {
                    words.Add((position, word));
                }
            }

            position += length;
        }

        if (word < end)
        {
            words.Add((word, end));
        }
    }
}
