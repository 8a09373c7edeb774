using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Ingest;

/// <summary>How large an operation is as a message. Its source may be small beside its features: copy_to multiplies values.</summary>
internal static class MessageSize
{
    /// <summary>Largest operation, in bytes: the frame of base.conf (maximum-frame-size) less what is around an operation.</summary>
    public const long Largest = 10_485_760 - (64 * 1024);

    private const int Header = 64;

    /// <summary>Weight of a feature and its position in the message's table; two million names would not fit a message, so three bytes do.</summary>
    private const int FeatureBytes = 7;

    /// <summary>Not less than the bytes of the operation in a batch and in the journal's event.</summary>
    public static long Of(ShardOperation operation)
    {
        // Fields of one message share their names: only near the limit is it worth knowing how many.
        var bound = Sum(operation, null);
        return bound <= Largest ? bound : Sum(operation, new HashSet<string>(StringComparer.Ordinal));
    }

    private static long Sum(ShardOperation operation, HashSet<string>? names)
    {
        var bytes = Header + System.Text.Encoding.UTF8.GetByteCount(operation.Id) + (long)operation.Source.Length;
        foreach (var field in operation.Fields)
        {
            bytes += Header + System.Text.Encoding.UTF8.GetByteCount(field.Name) + ((long)FeatureBytes * field.Features.Length);
            foreach (var (feature, _) in field.Features)
            {
                bytes += names?.Add(feature) == false ? 0 : Name(feature);
            }
        }

        return bytes;
    }

    /// <summary>Tag, length and bytes.</summary>
    private static int Name(string feature) => System.Text.Encoding.UTF8.GetByteCount(feature) is var bytes && bytes < 128 ? bytes + 2 : bytes + 4;
}
