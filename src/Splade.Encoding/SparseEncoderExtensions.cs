namespace Splade.Encoding;

/// <summary>Encoding as the model package says.</summary>
public static class SparseEncoderExtensions
{
    /// <inheritdoc cref="ISparseEncoder.EncodeDocuments"/>
    public static IReadOnlyList<EncodedText> EncodeDocuments(this ISparseEncoder encoder, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return encoder.EncodeDocuments(texts, EncodingSettings.Default, cancellationToken);
    }

    /// <inheritdoc cref="ISparseEncoder.EncodeQuery"/>
    public static EncodedText EncodeQuery(this ISparseEncoder encoder, string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return encoder.EncodeQuery(text, EncodingSettings.Default, cancellationToken);
    }
}
