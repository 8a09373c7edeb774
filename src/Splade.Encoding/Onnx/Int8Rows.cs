using System.Numerics.Tensors;

namespace Splade.Encoding.Onnx;

/// <summary>A matrix in eight bits: each row has a scale of its own, value = scale x number, numbers from -63 to 63.</summary>
internal sealed record Int8Rows(sbyte[] Numbers, float[] Scales)
{
    // Seven bits with the sign, not eight: a CPU without VNNI adds two products of an unsigned and a signed byte in 16 bits (vpmaddubsw), and with
    // weights up to 127 that overflows to wrong results. 255 x 63 x 2 does not. Measured on such a CPU: cosine to float32 0.957 with 127, 0.997 with 63.
    private const float Largest = 63f;

    /// <param name="values">[rows, columns].</param>
    public static Int8Rows FromRows(float[] values, int rows, int columns)
    {
        var numbers = new sbyte[values.Length];
        var scales = new float[rows];
        for (var row = 0; row < rows; row++)
        {
            var from = values.AsSpan(row * columns, columns);
            var to = numbers.AsSpan(row * columns, columns);
            var scale = scales[row] = Scale(TensorPrimitives.MaxMagnitude(from));
            for (var i = 0; i < columns; i++)
            {
                to[i] = (sbyte)MathF.Round(from[i] / scale);
            }
        }

        return new Int8Rows(numbers, scales);
    }

    /// <summary>The same for columns: a scale for each column, numbers in the order of <paramref name="values"/>.</summary>
    /// <param name="values">[rows, columns].</param>
    public static Int8Rows FromColumns(float[] values, int rows, int columns)
    {
        var largest = new float[columns];
        for (var row = 0; row < rows; row++)
        {
            TensorPrimitives.MaxMagnitude(values.AsSpan(row * columns, columns), largest, largest);
        }

        float[] scales = [.. largest.Select(m => Scale(m))];
        var numbers = new sbyte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            numbers[i] = (sbyte)MathF.Round(values[i] / scales[i % columns]);
        }

        return new Int8Rows(numbers, scales);
    }

    // MaxMagnitude keeps the sign.
    private static float Scale(float largest) => largest == 0f ? 1f : MathF.Abs(largest) / Largest;
}
