namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>A step of text clean-up. Safe for concurrent use.</summary>
internal interface INormalizer
{
    /// <summary>It does to a text what it does to each of its words (<see cref="WordBoundaries"/>).</summary>
    bool StaysInWords => false;

    /// <summary>Appends the normalised text to <paramref name="target"/>, which is empty. False: nothing to change, and nothing was written.</summary>
    bool Normalize(NormalizedText source, NormalizedText target);
}
