using Splade.Encoding.Safetensors;

namespace Splade.Training.Networks;

/// <summary>
/// Weights to start from: a masked-language model as Hugging Face saves it, or an encoder alone (BertModel, DistilBertModel; sentence encoders are such), whose
/// names have no prefix and which has no head.
/// </summary>
internal static class EncoderCheckpoint
{
    /// <param name="decoderBias">Of a fresh head.</param>
    /// <param name="hasHead">False where the head is fresh, see <see cref="BertNetwork.Create"/>: it knows nothing of the encoder yet.</param>
    /// <exception cref="Encoding.ModelPackageException">A weight is missing or has another shape.</exception>
    public static BertNetwork Load(BertConfig config, ModelWeights weights, double decoderBias, out bool hasHead)
    {
        var names = new BertNames(config);
        hasHead = weights.Has(names.HeadDense + ".weight");
        using var fresh = hasHead ? null : BertNetwork.Create(config, decoderBias);
        var head = hasHead ? [] : fresh!.Parameters.Select(p => p.Key).Where(IsHead).ToHashSet(StringComparer.Ordinal);
        return BertNetwork.Load(config, (name, shape) => head.Contains(name)
            ? fresh!.Parameters[name].data<float>().ToArray()
            : weights.Read(weights.Has(name) || !weights.Has(WithoutPrefix(name)) ? name : WithoutPrefix(name), shape));

        bool IsHead(string name) => name.StartsWith(names.HeadDense + ".", StringComparison.Ordinal) || name.StartsWith(names.HeadNorm + ".", StringComparison.Ordinal)
            || name == names.DecoderBias || (name == names.Decoder && !config.TiedDecoder);
    }

    private static string WithoutPrefix(string name) => name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
}
