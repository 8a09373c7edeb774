using Splade.Encoding.Architectures;
using Splade.Encoding.Packages;
using Splade.Encoding.Safetensors;

namespace Splade.Encoding.Onnx;

/// <summary>A graph from token ids to vectors, head included.</summary>
/// <param name="Path">The file that it comes from; weights in other files lie relative to its folder.</param>
/// <param name="Model">The graph when it was built or changed; null when the file is to be run as it is.</param>
internal sealed record RunnableGraph(string Path, ModelProto? Model, GraphOutput Output)
{
    private const double SmallBytes = 32 << 20;

    /// <summary>Layers of the weights that config.json does not count, and that are not in the graph.</summary>
    public int SurplusLayers { get; init; }

    /// <summary>
    /// Columns of the logits of every token, [tokens, columns], which are in memory while it runs. 0 when it makes none: a dense model, or a sparse one without a product of
    /// each token with the vocabulary, as those that ship are.
    /// </summary>
    public int LogitColumns { get; init; }

    /// <summary>
    /// It does little for a token, so that what an inference takes whatever its size counts, and what threads that share a session take from each other. Never a model with states or
    /// logits of each token, however few its weights: those are large tensors.
    /// </summary>
    public bool IsSmall { get; private init; }

    /// <summary>Bytes of the weights. Of a file that is run as it is: of all files in its folder, some of which may be other models.</summary>
    public double WeightBytes => Model is null
        ? Directory.EnumerateFiles(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!).Sum(f => (double)new FileInfo(f).Length)
        : OnnxFile.Tensors(Model.Graph).Sum(t => Math.Max(t.RawData.Length, sizeof(float) * t.Dims.Aggregate(1.0, (product, size) => product * size)));

    /// <summary>Builds the graph from safetensors, or reads the ONNX file and appends the head where it has none.</summary>
    /// <exception cref="ModelPackageException">The weights can't be run; the message names file and cause.</exception>
    public static RunnableGraph Load(PackageFiles files, EncoderSide side, DensePooling? dense)
    {
        if (side.Weights.Config is { } config)
        {
            return Build(files, side, config, dense);
        }

        try
        {
            return Read(files, side, dense);
        }
        catch (Exception exception) when (exception is ArgumentException or IndexOutOfRangeException)
        {
            throw new ModelPackageException(side.Weights.Path, $"The graph is not well formed: {exception.Message}", exception);
        }
    }

    /// <summary>The same model without its head, for comparisons: it gives the raw logits. Null when the graph has no logits to give.</summary>
    public static RunnableGraph? LoadLogits(PackageFiles files, EncoderSide side)
    {
        if (side.Weights.Config is null)
        {
            return SparseGraph.Read(side.Weights.Path, files.Folder, side.Tokenizer.VocabularySize) is { Logits: { } raw, Half: false } read
                ? new RunnableGraph(side.Weights.Path, read.Changed, new GraphOutput(OutputForm.Vector, raw)) { LogitColumns = read.Columns ?? side.Tokenizer.VocabularySize }
                : null;
        }

        var config = ReadConfig(files, side.Weights.Config);
        using var weights = ModelWeights.Open(side.Weights.Path);
        var architecture = Architecture.Create(config, weights);
        var pieces = new GraphPieces(weights);
        pieces.AddInputs();
        var (last, table, bias) = architecture.Head(pieces, architecture.Encode(pieces));
        var graph = pieces.Graph;
        var product = graph.Node("MatMul", [last, graph.Node("Transpose", [table], [OnnxGraphBuilder.Attribute("perm", [1L, 0L])])]);
        graph.Node(bias is null ? "Identity" : "Add", bias is null ? [product] : [product, bias], output: "logits");
        graph.Output("logits", TensorProto.Types.DataType.Float, "batch", "sequence", architecture.Vocabulary);
        return new RunnableGraph(side.Weights.Path, graph.Model, new GraphOutput(OutputForm.Vector, "logits")) { LogitColumns = architecture.Vocabulary };
    }

    private static RunnableGraph Build(PackageFiles files, EncoderSide side, string configPath, DensePooling? dense)
    {
        var config = ReadConfig(files, configPath);
        using var weights = ModelWeights.Open(side.Weights.Path);
        var architecture = Architecture.Create(config, weights);
        if (architecture.Vocabulary < side.Tokenizer.VocabularySize)
        {
            throw config.Error(
                "vocab_size", $"the tokenizer has {side.Tokenizer.VocabularySize} pieces, so some of its ids have no weights in the model");
        }

        var pieces = new GraphPieces(weights);
        pieces.AddInputs();
        var hidden = architecture.Encode(pieces);
        if (dense is not null)
        {
            var vector = DenseHead.Append(pieces.Graph, hidden, pieces.Mask, architecture.Hidden, dense);
            return new RunnableGraph(side.Weights.Path, pieces.Graph.Model, vector) { SurplusLayers = architecture.SurplusLayers };
        }

        var (last, table, bias) = architecture.Head(pieces, hidden);
        var projection = pieces.Graph.Node("Transpose", [table], [OnnxGraphBuilder.Attribute("perm", [1L, 0L])]);
        var output = Head(pieces.Graph, side, architecture.Vocabulary).FromHidden(last, projection, bias);
        return new RunnableGraph(side.Weights.Path, pieces.Graph.Model, output) { SurplusLayers = architecture.SurplusLayers, LogitColumns = architecture.Vocabulary };
    }

    private static ModelConfig ReadConfig(PackageFiles files, string path)
    {
        var relative = System.IO.Path.GetRelativePath(files.Folder, path).Replace('\\', '/');
        var json = files.ReadObject(relative) ?? throw new ModelPackageException(path, "The file is not there; it says how the weights are to be used.");
        return new ModelConfig(path, json);
    }

    private static RunnableGraph Read(PackageFiles files, EncoderSide side, DensePooling? dense)
    {
        var path = side.Weights.Path;
        if (dense is not null)
        {
            return ReadDense(path, files.Folder, dense);
        }

        var graph = SparseGraph.Read(path, files.Folder, side.Tokenizer.VocabularySize);
        if (graph.Output is { } done)
        {
            var finished = Finished(path, graph, done, side);
            return HasProjection(graph.Model.Graph, side)
                ? finished with { LogitColumns = side.Tokenizer.VocabularySize }
                : finished with { IsSmall = finished.WeightBytes <= SmallBytes };
        }

        var builder = new OnnxGraphBuilder(graph.Model, "splade_head");
        var columns = graph.Columns ?? side.Tokenizer.VocabularySize;
        var head = Head(builder, side, columns);
        var output = VocabularyProjection.Find(graph.Model.Graph, graph.Logits!) is { } end
            ? head.FromHidden(end.Hidden, end.Transposed ? Transposed(end.Weight) : end.Weight, end.Bias, end.Half || graph.Half)
            : head.FromLogits(graph.Logits!, graph.Half);
        GraphEdges.Prune(graph.Model.Graph);
        return new RunnableGraph(path, graph.Model, output) { LogitColumns = columns };

        string Transposed(string weight) => builder.Node("Transpose", [weight], [OnnxGraphBuilder.Attribute("perm", [1L, 0L])]);
    }

    /// <summary>A graph that has its head; of the settings it lacks what splade.json got after the import, or what somebody else's export left out.</summary>
    private static RunnableGraph Finished(string path, SparseGraph graph, GraphOutput done, EncoderSide side)
    {
        var columns = graph.Columns ?? side.Tokenizer.VocabularySize;
        var zero = side.Pooling.ZeroSpecialTokens;
        var most = side.Pooling.MaxActive is { } asked && (asked < columns || done.Form != OutputForm.Vector) ? side.Pooling.MaxActive : null;
        if ((!zero && most is null) || (done.Values == SpladeHead.WithoutSpecial && most is null) || (done.Values == SpladeHead.Weights && graph.Columns == most))
        {
            return new RunnableGraph(path, graph.Changed, done);
        }

        if (done.Form != OutputForm.Vector)
        {
            // All terms are settled when they are read; of a choice of some it is too late.
            return graph.Columns is not { } chosen
                ? new RunnableGraph(path, graph.Changed, done)
                : throw new ModelPackageException(
                    path, $"zero_special_tokens and max_active_dims need vectors or raw logits, but this graph chooses {chosen} terms itself. Import the package again with these settings.");
        }

        // Its own head may have been made here: names are used once.
        var builder = new OnnxGraphBuilder(graph.Model, $"splade_settings{graph.Model.Graph.Node.Count}");
        var output = Head(builder, side, columns).FromVector(done.Values);
        return new RunnableGraph(path, graph.Model, output);
    }

    /// <summary>
    /// Whether some matrix is as large as the vocabulary one way, as that must be which makes logits of hidden states. Where it is used for something else alone, such as looking up
    /// embeddings, this says yes, too, and batches are smaller than they need be.
    /// </summary>
    private static bool HasProjection(GraphProto graph, EncoderSide side) =>
        OnnxFile.Tensors(graph).Any(t => t.Dims.Count > 1 && t.Dims.Any(d => d >= side.Tokenizer.VocabularySize));

    private static RunnableGraph ReadDense(string path, string root, DensePooling dense)
    {
        var graph = DenseGraph.Read(path, root);
        if (graph.Vector is { } vector)
        {
            return new RunnableGraph(path, graph.Changed, new GraphOutput(OutputForm.Vector, vector));
        }

        var output = DenseHead.Append(new OnnxGraphBuilder(graph.Model, "splade_head"), graph.Hidden!, "attention_mask", graph.Size, dense);
        GraphEdges.Prune(graph.Model.Graph);
        return new RunnableGraph(path, graph.Model, output);
    }

    private static SpladeHead Head(OnnxGraphBuilder graph, EncoderSide side, int vocabulary) =>
        new(graph, "attention_mask", side.Pooling, side.Pooling.ZeroSpecialTokens ? [.. side.Tokenizer.SpecialIds] : [], vocabulary);
}
