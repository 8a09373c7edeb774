namespace Splade.Encoding.Onnx;

/// <summary>The ONNX file of a sparse model, and what it gives: the answer itself, or raw logits that still need the head.</summary>
/// <param name="Output">The answer, when the graph has its head.</param>
/// <param name="Logits">Name of the raw logits [batch, sequence, vocabulary], when it has not.</param>
/// <param name="Half">The logits are float16.</param>
/// <param name="Columns">Of the logits or of the answer; null when the graph does not say.</param>
internal sealed record SparseGraph(ModelProto Model, GraphOutput? Output, string? Logits, bool Half, int? Columns)
{
    /// <summary>The model when it is no longer what the file holds: it takes int64 now. Null when the file can be run as it is.</summary>
    public ModelProto? Changed { get; private init; }

    /// <param name="vocabulary">Pieces of the tokenizer; the output must have a column for each.</param>
    /// <exception cref="ModelPackageException">The file is no model that we can run.</exception>
    public static SparseGraph Read(string path, string root, int vocabulary)
    {
        var (model, changed) = LongInputs.Read(path, root);
        return Find(model, path, vocabulary) with { Changed = changed };
    }

    private static SparseGraph Find(ModelProto model, string path, int vocabulary)
    {
        // First of all, because weights whose number varies could be a vector, too.
        if (model.Graph.Output is [var one, var other] && Pairs(one, other, vocabulary) is { } pairs)
        {
            return new SparseGraph(model, pairs, null, false, (int?)(one.IsInteger() ? other : one).Columns());
        }

        if (Find(model, 2, vocabulary) is { } vector)
        {
            return vector.IsHalf()
                ? throw new ModelPackageException(path, $"The vectors [{vector.Name}] are float16, which is supported for raw logits only.")
                : new SparseGraph(model, new GraphOutput(OutputForm.Vector, vector.Name), null, false, (int?)vector.Columns());
        }

        if (Find(model, 3, vocabulary) is { } logits)
        {
            return new SparseGraph(model, null, logits.Name, logits.IsHalf(), (int?)logits.Columns());
        }

        throw OnnxFile.NoOutput(
            model.Graph, path, $"vectors [batch, vocabulary] nor raw logits [batch, sequence, vocabulary] for the {vocabulary} pieces of the tokenizer");
    }

    private static ValueInfoProto? Find(ModelProto model, int rank, int vocabulary) =>
        model.Graph.Output.FirstOrDefault(o => o.IsFloat() && o.Rank() == rank && (o.Columns() ?? vocabulary) >= vocabulary);

    /// <summary>Weights and an index for each of them; not a whole vector beside something else.</summary>
    private static GraphOutput? Pairs(ValueInfoProto one, ValueInfoProto other, int vocabulary)
    {
        var (indices, weights) = one.IsInteger() ? (one, other) : (other, one);
        if (!indices.IsInteger() || !weights.IsFloat() || weights.IsHalf() || weights.Columns() >= vocabulary || indices.Columns() != weights.Columns())
        {
            return null;
        }

        return (indices.Rank(), weights.Rank()) switch
        {
            (1, 1) => new GraphOutput(OutputForm.Pairs, weights.Name, indices.Name),
            (2, 2) => new GraphOutput(OutputForm.TopK, weights.Name, indices.Name),
            _ => null,
        };
    }
}
