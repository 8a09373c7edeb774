namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>Each byte of the UTF-8 text as a visible character: <see cref="ByteCharacters"/>.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    public bool Normalize(NormalizedText source, NormalizedText target)
    {
        ByteCharacters.Append(source, 0, source.Length, target);
        return true;
    }
}
