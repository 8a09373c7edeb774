using System.Text;

namespace Splade.Index;

/// <summary>What a document must keep to be indexed.</summary>
internal static class DocumentRules
{
    private const int MaxIdBytes = 512;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">The document breaks a rule; the message says which.</exception>
    public static void Check(IndexDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentException.ThrowIfNullOrEmpty(document.Id, nameof(document));

        // Half of a surrogate pair would become U+FFFD on disk, and two ids the same.
        if (StrictUtf8.GetByteCount(document.Id) is > MaxIdBytes and var bytes)
        {
            throw new ArgumentException($"An id may have {MaxIdBytes} bytes of UTF-8, but this one has {bytes}.", nameof(document));
        }

        foreach (var field in document.Fields)
        {
            foreach (var (feature, weight) in field.Features)
            {
                if (!(weight > 0f) || float.IsInfinity(weight))
                {
                    throw new ArgumentException(
                        $"The weight of feature [{feature}] in [{field.Name}] must be positive and finite, but is {weight}.", nameof(document));
                }
            }
        }
    }
}
