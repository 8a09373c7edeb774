using System.Numerics;
using System.Runtime.Intrinsics;

namespace Splade.Encoding;

/// <summary>A model's answer for one text, made sparse.</summary>
internal static class SparseRow
{
    private const ulong AllLanes = (1UL << 16) - 1;

    /// <summary>Entries above 0 of a row, found a vector at a time because almost all are 0.</summary>
    /// <param name="vocabulary">Pieces of the tokenizer.</param>
    /// <param name="path">Of the model, for messages.</param>
    /// <exception cref="ModelPackageException">The row is shorter than the vocabulary, or has a weight that is no finite number.</exception>
    public static (int[] Indices, float[] Weights) Read(ReadOnlySpan<float> row, int vocabulary, string path)
    {
        if (row.Length < vocabulary)
        {
            throw new ModelPackageException(path, $"The model gives {row.Length} weights for the {vocabulary} pieces of the tokenizer.");
        }

        var indices = new List<int>(256);
        var weights = new List<float>(256);
        var position = 0;
        for (; position + Vector512<float>.Count <= row.Length; position += Vector512<float>.Count)
        {
            // Not (x <= 0): a weight that is no number is found, too.
            var zero = Vector512.LessThanOrEqual(Vector512.Create(row.Slice(position, Vector512<float>.Count)), Vector512<float>.Zero)
                .ExtractMostSignificantBits();
            for (var mask = ~zero & AllLanes; mask != 0; mask &= mask - 1)
            {
                Add(position + BitOperations.TrailingZeroCount(mask), row);
            }
        }

        for (; position < row.Length; position++)
        {
            if (!(row[position] <= 0f))
            {
                Add(position, row);
            }
        }

        return ([.. indices], [.. weights]);

        void Add(int place, ReadOnlySpan<float> from)
        {
            if (!float.IsFinite(from[place]))
            {
                throw new ModelPackageException(path, $"The model's weight for [{place}] is no finite number. Its weights are damaged.");
            }

            indices.Add(place);
            weights.Add(from[place]);
        }
    }
}
