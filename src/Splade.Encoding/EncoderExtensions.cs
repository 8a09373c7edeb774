namespace Splade.Encoding;

/// <summary>Encoding as the model package says.</summary>
public static class EncoderExtensions
{
    /// <inheritdoc cref="ISparseEncoder.EncodeDocuments"/>
    public static IReadOnlyList<EncodedText> EncodeDocuments(this ISparseEncoder encoder, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return encoder.EncodeDocuments(texts, EncodingSettings.Default, cancellationToken);
    }

    /// <inheritdoc cref="IDenseEncoder.EncodeDocuments"/>
    public static IReadOnlyList<float[]> EncodeDocuments(this IDenseEncoder encoder, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return [.. encoder.EncodeDocuments(texts, EncodingSettings.Default, cancellationToken).Select(t => t.Vector)];
    }

    /// <inheritdoc cref="ISparseEncoder.EncodeQuery"/>
    public static EncodedText EncodeQuery(this ISparseEncoder encoder, string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return encoder.EncodeQuery(text, EncodingSettings.Default, cancellationToken);
    }
}
