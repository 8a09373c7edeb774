namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>White space off the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public bool Normalize(NormalizedText source, NormalizedText target)
    {
        var text = source.Characters;
        var end = right ? text.TrimEnd().Length : text.Length;
        var start = left ? text.Length - text.TrimStart().Length : 0;
        if (start == 0 && end == text.Length)
        {
            return false;
        }

        target.Append(source, Math.Min(start, end), end);
        return true;
    }
}
