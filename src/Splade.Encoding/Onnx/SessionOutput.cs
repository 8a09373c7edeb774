using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Splade.Encoding.Onnx;

/// <summary>What a model gave for a batch, in ONNX Runtime's own memory until it is disposed. Any thread may read it.</summary>
/// <param name="runs">Of the same number of rows each: one, or one a row where the graph takes no batches.</param>
/// <param name="indexed">Weights come with their indices, in an output of their own.</param>
/// <param name="vocabulary">Length of the vectors that are made from weights and their indices.</param>
/// <param name="path">Of the model, for messages.</param>
internal sealed class SessionOutput(IDisposableReadOnlyCollection<OrtValue>[] runs, int rowsOfRun, bool indexed, int vocabulary, string path) : IDisposable
{
    /// <summary>Hands over the vectors in the order of the rows.</summary>
    /// <exception cref="ModelPackageException">An index lies outside the vocabulary.</exception>
    public void Read(RowReader read)
    {
        var spread = indexed ? ArrayPool<float>.Shared.Rent(vocabulary) : [];
        try
        {
            for (var run = 0; run < runs.Length; run++)
            {
                var values = runs[run][0].GetTensorDataAsSpan<float>();
                var width = values.Length / rowsOfRun;
                for (var row = 0; row < rowsOfRun; row++)
                {
                    var own = values.Slice(row * width, width);
                    read((run * rowsOfRun) + row, indexed ? Spread(own, runs[run][1], row * width, spread.AsSpan(0, vocabulary)) : own);
                }
            }
        }
        finally
        {
            if (indexed)
            {
                ArrayPool<float>.Shared.Return(spread);
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

    /// <summary>Weights with their indices as a vector over the vocabulary.</summary>
    private Span<float> Spread(ReadOnlySpan<float> weights, OrtValue indices, int start, Span<float> vector)
    {
        vector.Clear();
        var narrow = indices.GetTensorTypeAndShape().ElementDataType == TensorElementType.Int32;
        for (var i = 0; i < weights.Length; i++)
        {
            var index = narrow ? indices.GetTensorDataAsSpan<int>()[start + i] : indices.GetTensorDataAsSpan<long>()[start + i];
            if (index < 0 || index >= vector.Length)
            {
                throw new ModelPackageException(path, $"The model gives a weight for the piece {index} of a vocabulary of {vector.Length}.");
            }

            vector[(int)index] = weights[i];
        }

        return vector;
    }
}

/// <summary>Gets one row of a batch: weights over the vocabulary, valid during the call.</summary>
internal delegate void RowReader(int row, ReadOnlySpan<float> weights);
