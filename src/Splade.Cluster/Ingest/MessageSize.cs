using System.Collections.Immutable;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Shards;
using Splade.Index;

namespace Splade.Cluster.Ingest;

/// <summary>
/// How large an operation, or a text's answer from an encoder, is as a message. A source may be small beside its features: copy_to multiplies values, and so do the
/// passages of a long text.
/// </summary>
internal static class MessageSize
{
    /// <summary>Largest operation, in bytes: the frame of base.conf (maximum-frame-size) less what is around an operation.</summary>
    public const long Largest = 10_485_760 - (64 * 1024);

    private const int Header = 64;

    /// <summary>Weight of a feature and its position in the message's table; two million names would not fit a message, so three bytes do.</summary>
    private const int FeatureBytes = 7;

    /// <summary>Not less than the bytes of the operation in a batch and in the journal's event.</summary>
    public static long Of(ShardOperation operation) => Tightest(names => Sum(operation, names));

    /// <summary>Not less than the bytes of a text's answer.</summary>
    public static long Of(EncodedDocument document) => Tightest(names =>
        Header + document.Fingerprint.Length + ((long)sizeof(float) * document.ShippedIdf.Length) + (document.Error is { } error ? 3L * (error.Type.Length + error.Reason.Length) : 0)
        + Vector(document.Features, names) + document.FurtherPassages.Sum(passage => Vector(passage, names)));

    /// <summary>Vectors of one message share their names: only near the limit is it worth knowing how many.</summary>
    private static long Tightest(Func<HashSet<string>?, long> sum) =>
        sum(null) is <= Largest and var bound ? bound : sum(new HashSet<string>(StringComparer.Ordinal));

    private static long Sum(ShardOperation operation, HashSet<string>? names)
    {
        var bytes = Header + System.Text.Encoding.UTF8.GetByteCount(operation.Id) + (long)operation.Source.Length;
        foreach (var field in operation.Fields)
        {
            bytes += System.Text.Encoding.UTF8.GetByteCount(field.Name) + Vector(field.Features, names);
        }

        return bytes;
    }

    private static long Vector(ImmutableArray<FeatureWeight> features, HashSet<string>? names)
    {
        var bytes = Header + ((long)FeatureBytes * features.Length);
        foreach (var (feature, _) in features)
        {
            bytes += names?.Add(feature) == false ? 0 : Name(feature);
        }

        return bytes;
    }

    /// <summary>Tag, length and bytes.</summary>
    private static int Name(string feature) => System.Text.Encoding.UTF8.GetByteCount(feature) is var bytes && bytes < 128 ? bytes + 2 : bytes + 4;
}
