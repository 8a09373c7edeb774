using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Benchmarking;

/// <summary>An encoder of either kind, as benchmarks see it.</summary>
internal sealed class MeasuredEncoder : IDisposable
{
    private readonly OnnxSparseEncoder? _sparse;
    private readonly OnnxDenseEncoder? _dense;

    private MeasuredEncoder(OnnxSparseEncoder? sparse, OnnxDenseEncoder? dense)
    {
        _sparse = sparse;
        _dense = dense;
    }

    /// <exception cref="ModelPackageException">The package can't be run.</exception>
    public static MeasuredEncoder Open(ModelPackage package, EncoderOptions options) => package.Dense is null
        ? new MeasuredEncoder(new OnnxSparseEncoder(package, "", options), null)
        : new MeasuredEncoder(null, new OnnxDenseEncoder(package, "", options));

    public void Encode(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        _sparse?.EncodeDocuments(texts, EncodingSettings.Default, cancellationToken);
        _dense?.EncodeDocuments(texts, EncodingSettings.Default, cancellationToken);
    }

    public void EncodeQuery(string text, CancellationToken cancellationToken)
    {
        _sparse?.EncodeQuery(text, EncodingSettings.Default, cancellationToken);
        _dense?.EncodeQuery(text, cancellationToken);
    }

    /// <summary>The inferences that documents take.</summary>
    public List<ModelInputBatch> Batches(IReadOnlyList<string> texts) => _sparse?.DocumentBatches(texts) ?? _dense!.DocumentBatches(texts);

    public void Dispose()
    {
        _sparse?.Dispose();
        _dense?.Dispose();
    }
}
