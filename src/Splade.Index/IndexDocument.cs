using System.Collections.Immutable;
using System.Text;

namespace Splade.Index;

/// <summary>A document as a shard stores it: identity, version, the source as it was sent, and its vectors.</summary>
/// <param name="Id">External id, 1 to 512 bytes of UTF-8.</param>
/// <param name="Version">Counts the writes to this id, from 1.</param>
/// <param name="SeqNo">Sequence number of the write in its shard, from 0.</param>
/// <param name="Source">The JSON that was sent, verbatim.</param>
/// <param name="Fields">At most one vector for each field name.</param>
public sealed record IndexDocument(
    string Id, long Version, long SeqNo, ReadOnlyMemory<byte> Source, ImmutableArray<SparseField> Fields)
{
    private const int MaxIdBytes = 512;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Why an index would refuse the document; null when it takes it.</summary>
    public string? FindFault()
    {
        if (string.IsNullOrEmpty(Id))
        {
            return "A document must have an id of at least one character.";
        }

        if (!IsText(Id))
        {
            return $"The id [{Id}] has half of a surrogate pair, which is no text.";
        }

        if (StrictUtf8.GetByteCount(Id) is > MaxIdBytes and var bytes)
        {
            return $"An id may have {MaxIdBytes} bytes of UTF-8, but [{Id}] has {bytes}.";
        }

        if (Fields.IsDefault)
        {
            return $"The fields of document [{Id}] are not set: give an empty array for none.";
        }

        var names = new HashSet<string>(Fields.Length, StringComparer.Ordinal);
        foreach (var field in Fields)
        {
            if (FaultOf(field, names) is { } fault)
            {
                return $"Document [{Id}]: {fault}";
            }
        }

        return null;
    }

    private static string? FaultOf(SparseField field, HashSet<string> names)
    {
        if (string.IsNullOrEmpty(field?.Name) || !IsText(field.Name))
        {
            return $"field [{field?.Name}] has no name, or half of a surrogate pair in it.";
        }

        if (!names.Add(field.Name))
        {
            return $"field [{field.Name}] is there twice; put all its features into one.";
        }

        if (field.Features.IsDefault)
        {
            return $"the features of field [{field.Name}] are not set: give an empty array for none.";
        }

        foreach (var (feature, weight) in field.Features)
        {
            if (feature is null || !IsText(feature))
            {
                return $"a feature of field [{field.Name}], [{feature}], is null or has half of a surrogate pair, which is no text.";
            }

            if (!(weight > 0f) || float.IsInfinity(weight))
            {
                return $"the weight of feature [{feature}] in field [{field.Name}] must be positive and finite, but is {weight}.";
            }
        }

        return null;
    }

    /// <summary>Half of a surrogate pair would become U+FFFD on disk, and two names the same.</summary>
    private static bool IsText(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 || HasWholePairs(text);

    private static bool HasWholePairs(string text)
    {
        try
        {
            StrictUtf8.GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}

/// <summary>The stored part of a document, without its vectors.</summary>
public sealed record StoredDocument(string Id, long Version, long SeqNo, ReadOnlyMemory<byte> Source);
