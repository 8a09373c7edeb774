namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>Every match of a pattern becomes a text, which has the place of the last character of the match.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : INormalizer
{
    public bool StaysInWords => pattern.StaysInWords;

    public bool Normalize(NormalizedText source, NormalizedText target)
    {
        using var matches = pattern.Matches(source.Characters);
        var position = 0;
        var changed = false;
        foreach (var (start, end) in matches.Ranges)
        {
            changed = true;
            target.Append(source, position, start);
            foreach (var rune in content.EnumerateRunes())
            {
                if (end > 0)
                {
                    target.Add(rune, source.Start(end - 1), source.End(end - 1));
                }
                else
                {
                    target.Add(rune, source.Start(0), source.Start(0));
                }
            }

            position = end;
        }

        if (changed)
        {
            target.Append(source, position, source.Length);
        }

        return changed;
    }
}
