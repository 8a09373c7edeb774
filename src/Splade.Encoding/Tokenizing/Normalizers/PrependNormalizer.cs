namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>A text before every text that is not empty, with the place of its first character.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public bool Normalize(NormalizedText source, NormalizedText target)
    {
        if (source.Length == 0 || prefix.Length == 0)
        {
            return false;
        }

        foreach (var c in prefix)
        {
            target.Add(c, source.Start(0), source.End(0));
        }

        target.Append(source, 0, source.Length);
        return true;
    }
}
