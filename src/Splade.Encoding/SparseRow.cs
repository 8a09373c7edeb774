using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Splade.Encoding.Onnx;

namespace Splade.Encoding;

/// <summary>A model's answer for one text, made sparse.</summary>
internal static class SparseRow
{
    private const int VectorsInBlock = 4;

    /// <summary>Entries above 0 of an answer.</summary>
    /// <param name="vocabulary">Pieces of the tokenizer.</param>
    /// <param name="path">Of the model, for messages.</param>
    /// <returns>Ascending indices and their weights.</returns>
    /// <exception cref="ModelPackageException">
    /// The row is shorter than the vocabulary, or has an index outside of it or a weight that is no finite number.
    /// </exception>
    public static (int[] Indices, float[] Weights) Read(ModelRow row, int vocabulary, string path) =>
        row.IsVector ? ReadVector(row.Weights, vocabulary, path) : ReadPairs(row, vocabulary, path);

    private static (int[] Indices, float[] Weights) ReadPairs(ModelRow row, int vocabulary, string path)
    {
        // Bits for the indices put them in order; the vector has what was written last where no bit is set.
        var words = (vocabulary + 63) / 64;
        var bits = ArrayPool<ulong>.Shared.Rent(words);
        var vector = ArrayPool<float>.Shared.Rent(vocabulary);
        try
        {
            bits.AsSpan(0, words).Clear();
            var count = 0;
            for (var i = 0; i < row.Weights.Length; i++)
            {
                var place = row.Place(i, vocabulary, path);
                var weight = row.Weights[i];
                if (weight <= 0f)
                {
                    continue;
                }

                ref var word = ref bits[place / 64];
                var bit = 1UL << place;
                if ((word & bit) == 0)
                {
                    word |= bit;
                    count++;
                    vector[place] = Finite(weight, place, path);
                }
                else
                {
                    vector[place] = Math.Max(vector[place], Finite(weight, place, path));
                }
            }

            var (indices, weights) = (new int[count], new float[count]);
            for (int word = 0, next = 0; next < count; word++)
            {
                for (var left = bits[word]; left != 0; left &= left - 1)
                {
                    var place = (word * 64) + BitOperations.TrailingZeroCount(left);
                    (indices[next], weights[next++]) = (place, vector[place]);
                }
            }

            return (indices, weights);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(bits);
            ArrayPool<float>.Shared.Return(vector);
        }
    }

    private static float Finite(float weight, int place, string path) => float.IsFinite(weight)
        ? weight
        : throw new ModelPackageException(path, $"The model's weight for [{place}] is no finite number. Its weights are damaged.");

    /// <summary>Entries are found by blocks of 32, because almost all are 0.</summary>
    private static (int[] Indices, float[] Weights) ReadVector(ReadOnlySpan<float> row, int vocabulary, string path)
    {
        if (row.Length < vocabulary)
        {
            throw new ModelPackageException(path, $"The model gives {row.Length} weights for the {vocabulary} pieces of the tokenizer.");
        }

        var places = ArrayPool<int>.Shared.Rent(row.Length);
        try
        {
            int[] indices = [.. places.AsSpan(0, Find(row, places))];
            var weights = new float[indices.Length];
            for (var i = 0; i < indices.Length; i++)
            {
                weights[i] = Finite(row[indices[i]], indices[i], path);
            }

            return (indices, weights);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(places);
        }
    }

    /// <summary>Places that are not (x &lt;= 0): a weight that is no number is found, too.</summary>
    private static int Find(ReadOnlySpan<float> row, Span<int> places)
    {
        var count = 0;
        var vectors = MemoryMarshal.Cast<float, Vector256<float>>(row);
        var blocks = vectors.Length / VectorsInBlock;
        for (var block = 0; block < blocks; block++)
        {
            var four = vectors.Slice(block * VectorsInBlock, VectorsInBlock);
            var zero0 = Vector256.LessThanOrEqual(four[0], Vector256<float>.Zero);
            var zero1 = Vector256.LessThanOrEqual(four[1], Vector256<float>.Zero);
            var zero2 = Vector256.LessThanOrEqual(four[2], Vector256<float>.Zero);
            var zero3 = Vector256.LessThanOrEqual(four[3], Vector256<float>.Zero);
            if ((zero0 & zero1 & zero2 & zero3).ExtractMostSignificantBits() == byte.MaxValue)
            {
                continue;
            }

            var zeros = zero0.ExtractMostSignificantBits()
                | (zero1.ExtractMostSignificantBits() << 8)
                | (zero2.ExtractMostSignificantBits() << 16)
                | (zero3.ExtractMostSignificantBits() << 24);
            for (var mask = ~zeros; mask != 0; mask &= mask - 1)
            {
                places[count++] = (block * VectorsInBlock * Vector256<float>.Count) + BitOperations.TrailingZeroCount(mask);
            }
        }

        for (var place = blocks * VectorsInBlock * Vector256<float>.Count; place < row.Length; place++)
        {
            if (!(row[place] <= 0f))
            {
                places[count++] = place;
            }
        }

        return count;
    }
}
