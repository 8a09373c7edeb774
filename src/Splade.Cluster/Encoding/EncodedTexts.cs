using System.Collections.Immutable;
using System.Numerics.Tensors;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Encoding;

/// <summary>From a model's answer to messages, with vectors of length 1 where the model's are compared by cosine.</summary>
internal static class EncodedTexts
{
    public static EncodedDocument ToDocument(this EncodedText text, ISparseEncoder encoder)
    {
        return new EncodedDocument(Features(text.Indices, text.Weights), text.TokenCount, text.Truncated)
        {
            UnprunedCount = text.UnprunedCount,
            Passages = text.Passages,
            FurtherPassages = [.. text.FurtherPassages.Select(p => Features(p.Indices, p.Weights))],
            ShippedIdf = text.ShippedIdf is { } shipped ? [.. shipped] : [],
            CountedFrom = text.CountedFrom,
            Fingerprint = encoder.Description.Fingerprint,
            CollectionIdfShare = text.CollectionIdfShare,
        };

        ImmutableArray<FeatureWeight> Features(int[] indices, float[] weights)
        {
            var length = encoder.Description.Similarity == Similarity.Cosine ? TensorPrimitives.Norm<float>(weights) : 1f;
            return [.. indices.Zip(weights, (i, w) => new FeatureWeight(encoder.GetFeature(i), w / length))];
        }
    }

    public static ErrorInfo ToModelError(this Exception exception) => exception switch
    {
        ModelNotFoundException missing => new ErrorInfo("resource_not_found_exception", missing.Message, 404),
        ModelPackageException broken => new ErrorInfo("illegal_argument_exception", $"The model can't be used: {broken.Message}", 400),
        _ => exception.ToErrorInfo(),
    };
}
