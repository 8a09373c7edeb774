using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Splade.Encoding;

/// <summary>A model's answer for one text, made sparse.</summary>
internal static class SparseRow
{
    private const int VectorsInBlock = 4;

    /// <summary>Entries above 0 of a row, found by blocks of 32 because almost all are 0.</summary>
    /// <param name="vocabulary">Pieces of the tokenizer.</param>
    /// <param name="path">Of the model, for messages.</param>
    /// <exception cref="ModelPackageException">The row is shorter than the vocabulary, or has a weight that is no finite number.</exception>
    public static (int[] Indices, float[] Weights) Read(ReadOnlySpan<float> row, int vocabulary, string path)
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
                weights[i] = float.IsFinite(row[indices[i]])
                    ? row[indices[i]]
                    : throw new ModelPackageException(path, $"The model's weight for [{indices[i]}] is no finite number. Its weights are damaged.");
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
