namespace Splade.Encoding.Tokenizing.PreTokenizers;

/// <summary>When a text gets a leading space.</summary>
internal enum PrependScheme
{
    Always,

    /// <summary>Only at the start of the text, not after a special token.</summary>
    First,

    Never,
}

/// <summary>SentencePiece's visible space: blanks become ▁ and go with the word after them.</summary>
internal sealed class MetaspacePreTokenizer(char replacement, PrependScheme scheme, bool split) : IPreTokenizer
{
    public void Split(PreTokenizedText text)
    {
        text.Rewrite(Rewrite);
        if (split)
        {
            text.Cut(Cut);
        }
    }

    private void Rewrite(NormalizedText text, int start, int end, NormalizedText target)
    {
        var first = text.Characters[start];
        if (first != replacement && first != ' '
            && (scheme == PrependScheme.Always || (scheme == PrependScheme.First && text.Start(start) == 0)))
        {
            target.Add(replacement, text.Start(start), text.End(start));
        }

        var from = target.Length;
        target.Append(text, start, end);
        target.Replace(' ', replacement, from);
    }

    private void Cut(NormalizedText text, int start, int end, List<(int Start, int End)> words)
    {
        var characters = text.Characters;
        for (var word = start; word < end;)
        {
            var next = characters[(word + 1)..end].IndexOf(replacement);
            var to = next < 0 ? end : word + 1 + next;
            words.Add((word, to));
            word = to;
        }
    }
}
