using System.Numerics.Tensors;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Import;

/// <summary>A package that is tried on the sample texts before it is put in its place.</summary>
internal sealed class ModelTrial : IDisposable
{
    private const int ShownTerms = 10;
    private readonly ISparseEncoder? _sparse;
    private readonly IDenseEncoder? _dense;

    private ModelTrial(ISparseEncoder? sparse, IDenseEncoder? dense)
    {
        _sparse = sparse;
        _dense = dense;
    }

    public ModelDescription Description => _sparse?.Description ?? _dense!.Description;

    /// <summary>Length of the vectors.</summary>
    public int Dimensions => _dense?.Dimensions ?? Description.VocabularySize;

    /// <exception cref="ModelPackageException">The package can't be run.</exception>
    public static ModelTrial Open(ModelPackage package) => package.Dense is null
        ? new ModelTrial(new OnnxSparseEncoder(package, "", new EncoderOptions()), null)
        : new ModelTrial(null, new OnnxDenseEncoder(package, "", new EncoderOptions()));

    /// <summary>Runs documents and a query; of a dense model there is nothing to report.</summary>
    /// <exception cref="ModelPackageException">The graph fails, or its weights are damaged.</exception>
    public SampleReport? Sample(CancellationToken cancellationToken)
    {
        if (_sparse is null)
        {
            _dense!.EncodeDocuments(SampleTexts.All, cancellationToken);
            return null;
        }

        var documents = _sparse.EncodeDocuments(SampleTexts.All, EncodingSettings.Default, cancellationToken);
        _sparse.EncodeQuery(SampleTexts.All[3], EncodingSettings.Default, cancellationToken);
        var first = documents[0];
        (string, float)[] top =
        [
            .. first.Indices.Zip(first.Weights).OrderByDescending(p => p.Second).Take(ShownTerms).Select(p => (_sparse.GetFeature(p.First), p.Second)),
        ];
        return new SampleReport(
            documents.Count, documents.Average(d => d.Indices.Length), documents.Max(d => d.Indices.Length), SampleTexts.All[0], top);
    }

    /// <summary>Compares with the float32 model that this one was quantised from.</summary>
    public Int8Loss LossAgainst(ModelPackage original, CancellationToken cancellationToken)
    {
        using var reference = Open(original);
        var (own, exact) = (Vectors(cancellationToken), reference.Vectors(cancellationToken));
        double[] cosines = [.. own.Zip(exact, Cosine)];
        return new Int8Loss(
            cosines.Length, cosines.Average(), cosines.Min(), _sparse is null ? 0 : exact.Average(NonZero), _sparse is null ? 0 : own.Average(NonZero));
    }

    public void Dispose()
    {
        _sparse?.Dispose();
        _dense?.Dispose();
    }

    private static double NonZero(float[] vector) => vector.Count(v => v != 0f);

    // Two vectors without terms are equal; TensorPrimitives would call it no number.
    private static double Cosine(float[] a, float[] b)
    {
        var length = Math.Max(a.Length, b.Length);
        Array.Resize(ref a, length);
        Array.Resize(ref b, length);
        var (left, right) = (TensorPrimitives.Norm<float>(a), TensorPrimitives.Norm<float>(b));
        return left == 0f || right == 0f ? left == right ? 1 : 0 : TensorPrimitives.Dot<float>(a, b) / ((double)left * right);
    }

    /// <summary>Dense vectors of the sample.</summary>
    private float[][] Vectors(CancellationToken cancellationToken) => _sparse is null
        ? [.. _dense!.EncodeDocuments(SampleTexts.All, cancellationToken)]
        : [.. _sparse.EncodeDocuments(SampleTexts.All, EncodingSettings.Default, cancellationToken).Select(ToDense)];

    private float[] ToDense(EncodedText text)
    {
        var vector = new float[Math.Max(Description.VocabularySize, text.Indices is [.., var last] ? last + 1 : 0)];
        for (var i = 0; i < text.Indices.Length; i++)
        {
            vector[text.Indices[i]] = text.Weights[i];
        }

        return vector;
    }
}
