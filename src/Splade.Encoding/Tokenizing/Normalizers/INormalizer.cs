namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>A step of text clean-up. Safe for concurrent use.</summary>
internal interface INormalizer
{
    /// <summary>Appends the normalised text to <paramref name="target"/>, which is empty. False: nothing to change, and nothing was written.</summary>
    bool Normalize(NormalizedText source, NormalizedText target);
}
