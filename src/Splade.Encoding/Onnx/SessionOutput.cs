using System.Buffers;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Splade.Encoding.Onnx;

/// <summary>What a model gave for a batch, in ONNX Runtime's own memory until it is disposed. Any thread may read it.</summary>
/// <param name="runs">Of the same number of rows each: one, or one a row where the graph takes no batches.</param>
/// <param name="indexed">Weights come with their indices, in an output of their own.</param>
internal sealed class SessionOutput(IDisposableReadOnlyCollection<OrtValue>[] runs, int rowsOfRun, bool indexed) : IDisposable
{
    /// <summary>Hands over the answers in the order of the rows.</summary>
    public void Read(ModelRowReader read)
    {
        for (var run = 0; run < runs.Length; run++)
        {
            var weights = runs[run][0].GetTensorDataAsSpan<float>();
            var width = weights.Length / rowsOfRun;
            if (!indexed)
            {
                for (var row = 0; row < rowsOfRun; row++)
                {
                    read((run * rowsOfRun) + row, new ModelRow(weights.Slice(row * width, width)));
                }

                continue;
            }

            var rented = IsNarrow(runs[run][1]) ? ArrayPool<long>.Shared.Rent(weights.Length) : [];
            try
            {
                var indices = Indices(runs[run][1], rented);
                for (var row = 0; row < rowsOfRun; row++)
                {
                    read((run * rowsOfRun) + row, new ModelRow(weights.Slice(row * width, width), indices.Slice(row * width, width)));
                }
            }
            finally
            {
                ArrayPool<long>.Shared.Return(rented);
            }
        }
    }

    public void Dispose()
    {
        foreach (var run in runs)
        {
            run.Dispose();
        }
    }

    private static bool IsNarrow(OrtValue indices) => indices.GetTensorTypeAndShape().ElementDataType == TensorElementType.Int32;

    private static ReadOnlySpan<long> Indices(OrtValue indices, Span<long> wide)
    {
        if (!IsNarrow(indices))
        {
            return indices.GetTensorDataAsSpan<long>();
        }

        var narrow = indices.GetTensorDataAsSpan<int>();
        TensorPrimitives.ConvertChecked(narrow, wide);
        return wide[..narrow.Length];
    }
}
