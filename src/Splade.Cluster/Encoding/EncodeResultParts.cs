using System.Collections.Immutable;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Encoding;

namespace Splade.Cluster.Encoding;

/// <summary>
/// A batch's answers as messages. A frame of remoting has a limit and drops what is larger without a word to its sender: answers travel in parts far below it, and a
/// text whose vectors alone are larger is refused here (its document would be too large to be indexed, too).
/// </summary>
internal static class EncodeResultParts
{
    /// <summary>Bytes of a part of several texts. More in one message would keep heartbeats waiting.</summary>
    private const int PartBytes = 1 << 20;

    public static IEnumerable<EncodeResult> Of(Guid batchId, Guid workerId, IEnumerable<EncodedDocument> documents)
    {
        var part = ImmutableArray.CreateBuilder<EncodedDocument>();
        var (first, bytes) = (0, 0L);
        foreach (var document in documents)
        {
            var size = MessageSize.Of(document);
            var fits = size <= MessageSize.Largest ? document : TooLarge(document, size);
            size = Math.Min(size, MessageSize.Largest);
            if (part.Count > 0 && bytes + size > PartBytes)
            {
                yield return Part();
                first += part.Count;
                part.Clear();
                bytes = 0;
            }

            part.Add(fits);
            bytes += size;
        }

        if (part.Count > 0)
        {
            yield return Part();
        }

        EncodeResult Part() => new(batchId, workerId, part.ToImmutable()) { First = first };
    }

    private static EncodedDocument TooLarge(EncodedDocument document, long size)
    {
        var features = document.Features.Length + document.FurtherPassages.Sum(p => (long)p.Length);
        return new EncodedDocument([], document.TokenCount, document.Truncated, Errors.Of(
            "illegal_argument_exception",
            $"the vectors of a text of {document.TokenCount} tokens in {document.Passages} passages have {features} features and {size} bytes, more than the limit of {MessageSize.Largest}: "
                + "split the document, lower max_chunk_limit, or let the field prune its vectors (prune_type)",
            413).Error);
    }
}
