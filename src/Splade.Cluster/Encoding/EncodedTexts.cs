using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Encoding;

/// <summary>From a model's answer to messages.</summary>
internal static class EncodedTexts
{
    public static EncodedDocument ToDocument(this EncodedText text, ISparseEncoder encoder)
    {
        var features = new FeatureWeight[text.Indices.Length];
        for (var i = 0; i < features.Length; i++)
        {
            features[i] = new FeatureWeight(encoder.GetFeature(text.Indices[i]), text.Weights[i]);
        }

        return new EncodedDocument([.. features], text.TokenCount, text.Truncated)
        {
            UnprunedCount = text.UnprunedCount, Passages = text.Passages, ShippedIdf = text.ShippedIdf is { } shipped ? [.. shipped] : [],
            CountedFrom = text.CountedFrom, Fingerprint = encoder.Description.Fingerprint,
        };
    }

    public static ErrorInfo ToModelError(this Exception exception) => exception switch
    {
        ModelNotFoundException missing => new ErrorInfo("resource_not_found_exception", missing.Message, 404),
        ModelPackageException broken => new ErrorInfo("illegal_argument_exception", $"The model can't be used: {broken.Message}", 400),
        _ => exception.ToErrorInfo(),
    };
}
