namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>Words of so many code points.</summary>
internal sealed class FixedLengthPreTokenizer(int codePoints) : IPreTokenizer
{
    public void Split(PreTokenizedText text) => text.Cut(Cut);

    private void Cut(NormalizedText text, int start, int end, List<(int Start, int End)> words)
    {
        for (var word = start; word < end;)
        {
            var to = word;
            for (var i = 0; i < codePoints && to < end; i++)
            {
                text.RuneAt(to, out var length);
                to += length;
            }

            words.Add((word, to));
            word = to;
        }
    }
}
