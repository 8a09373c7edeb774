namespace Splade.Encoding.Onnx;

/// <summary>The ONNX file of a dense sentence encoder.</summary>
/// <param name="Vector">Name of the finished vectors [batch, size]; null when the graph ends with hidden states.</param>
/// <param name="Hidden">Name of the hidden states [batch, sequence, size].</param>
internal sealed record DenseGraph(ModelProto Model, string? Vector, string? Hidden, int Size)
{
    /// <inheritdoc cref="SparseGraph.Changed"/>
    public ModelProto? Changed { get; private init; }

    /// <exception cref="ModelPackageException">The file is no model that we can run.</exception>
    public static DenseGraph Read(string path, string root)
    {
        var (model, changed) = LongInputs.Read(path, root);
        return Find(model, path) with { Changed = changed };
    }

    private static DenseGraph Find(ModelProto model, string path)
    {
        if (Find(model, 2, DenseHead.Vector, "sentence_embedding") is { } vector)
        {
            return new DenseGraph(model, vector.Name, null, (int)vector.Columns()!.Value);
        }

        return Find(model, 3, "last_hidden_state", "token_embeddings") is { } hidden
            ? new DenseGraph(model, null, hidden.Name, (int)hidden.Columns()!.Value)
            : throw OnnxFile.NoOutput(model.Graph, path, "sentence_embedding [batch, size] nor last_hidden_state [batch, sequence, size] of float32");
    }

    private static ValueInfoProto? Find(ModelProto model, int rank, params string[] names) => model.Graph.Output.FirstOrDefault(o =>
        names.Contains(o.Name) && o.IsFloat() && !o.IsHalf() && o.Rank() == rank && o.Columns() is > 0 and <= int.MaxValue);
}
