namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>
/// Cuts where the script changes (Unicode/scripts.txt), as SentencePiece does when it is trained. What has no script stays with what is before it; before the
/// first character with one it is dropped, as in the reference.
/// </summary>
internal sealed class UnicodeScriptsPreTokenizer : IPreTokenizer
{
    public void Split(PreTokenizedText text) => text.Cut(Cut);

    private static void Cut(NormalizedText text, int start, int end, List<(int Start, int End)> words)
    {
        var word = start;
        var last = UnicodeScripts.Any;
        for (var position = start; position < end;)
        {
            var script = UnicodeScripts.Of(text.RuneAt(position, out var length));
            if (script != UnicodeScripts.Any && script != last)
            {
                if (last != UnicodeScripts.Any)
                {
                    words.Add((word, position));
                }

                (word, last) = (position, script);
            }

            position += length;
        }

        if (last != UnicodeScripts.Any)
        {
            words.Add((word, end));
        }
    }
}
