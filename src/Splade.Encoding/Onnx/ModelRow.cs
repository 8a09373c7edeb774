namespace Splade.Encoding.Onnx;

/// <summary>A model's answer for one text, in the memory of its session: a vector, or the weights that are not 0 and which entries of the vector they are.</summary>
internal readonly ref struct ModelRow
{
    /// <summary>All of a vector's entries.</summary>
    public ModelRow(ReadOnlySpan<float> vector)
    {
        Weights = vector;
        IsVector = true;
    }

    /// <param name="indices">In any order. One that occurs more than once has the largest of its weights.</param>
    public ModelRow(ReadOnlySpan<float> weights, ReadOnlySpan<long> indices)
    {
        Weights = weights;
        Indices = indices;
    }

    public bool IsVector { get; }

    public ReadOnlySpan<float> Weights { get; }

    /// <summary>Empty for a vector.</summary>
    public ReadOnlySpan<long> Indices { get; }

    /// <summary>Writes weights with their indices as a vector over the vocabulary.</summary>
    /// <param name="path">Of the model, for messages.</param>
    /// <exception cref="ModelPackageException">An index lies outside the vocabulary.</exception>
    public void Spread(Span<float> vector, string path)
    {
        vector.Clear();
        for (var i = 0; i < Weights.Length; i++)
        {
            ref var entry = ref vector[Place(i, vector.Length, path)];
            entry = Math.Max(entry, Weights[i]);
        }
    }

    /// <summary>The index of a weight.</summary>
    /// <exception cref="ModelPackageException">It lies outside the vocabulary.</exception>
    public int Place(int weight, int vocabulary, string path)
    {
        var index = Indices[weight];
        return (ulong)index < (ulong)vocabulary
            ? (int)index
            : throw new ModelPackageException(path, $"The model gives a weight for the piece {index} of a vocabulary of {vocabulary}.");
    }
}

/// <summary>Gets one row of a batch, which is valid during the call.</summary>
internal delegate void ModelRowReader(int row, ModelRow answer);
