using System.Numerics.Tensors;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Batching;

/// <summary>Dense vectors: of a text in several passages their mean, weighted by tokens, and of the length 1 where the model's vectors are.</summary>
internal sealed class DenseCollector(int texts, EncoderSide side, bool normalize) : IPassageCollector
{
    private readonly Passages?[] _passages = new Passages?[texts];

    /// <summary>In the order of the texts.</summary>
    public EmbeddedText[] Texts { get; } = new EmbeddedText[texts];

    public void Begin(int text, int passages, bool truncated) => _passages[text] = new Passages(passages, truncated);

    public void Add(int text, int passage, ModelRow row, ReadOnlySpan<long> ids)
    {
        var bad = row.Weights.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (bad >= 0)
        {
            throw new ModelPackageException(side.Weights.Path, $"The model's value at [{bad}] is no finite number. Its weights are damaged.");
        }

        var own = _passages[text]!;
        own.Vectors[passage] = row.Weights.ToArray();
        own.Tokens[passage] = ids.Length;
        if (Interlocked.Decrement(ref own.Left) == 0)
        {
            Texts[text] = own.ToText(normalize);
            _passages[text] = null;
        }
    }

    private sealed class Passages(int count, bool truncated)
    {
        public int Left = count;

        public float[][] Vectors { get; } = new float[count][];

        public int[] Tokens { get; } = new int[count];

        public EmbeddedText ToText(bool normalize)
        {
            var tokens = Tokens.Sum();
            if (Vectors.Length == 1)
            {
                return new EmbeddedText(Vectors[0], tokens, truncated, 1);
            }

            // In the order of the passages, whatever the order in which they came: sums of floats depend on it.
            var mean = new float[Vectors[0].Length];
            for (var i = 0; i < Vectors.Length; i++)
            {
                TensorPrimitives.MultiplyAdd<float>(Vectors[i], Tokens[i] / (float)tokens, mean, mean);
            }

            var length = TensorPrimitives.Norm<float>(mean);
            if (normalize && length > 0)
            {
                TensorPrimitives.Divide(mean, length, mean);
            }

            return new EmbeddedText(mean, tokens, truncated, Vectors.Length);
        }
    }
}
