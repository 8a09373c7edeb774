using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Batching;

/// <summary>A side of a model with an ONNX Runtime session of its own, so that what it runs never waits for threads that work for another lane.</summary>
internal sealed class EncodingLane : IDisposable
{
    /// <summary>Larger models are not loaded a second time for queries.</summary>
    private const double MaxSecondSessionBytes = 1L << 30;

    private readonly SpladeSession _session;

    private EncodingLane(string model, EncoderSide side, RunnableGraph graph, int vocabulary, EncoderOptions options, bool forQueries)
    {
        // One query is one inference: it may have all cores, and takes what documents leave of them.
        var plan = EncodingPlan.For(options, cuda: false, graph.LogitColumns, graph.IsSmall);
        _session = SpladeSession.Open(graph, vocabulary, forQueries ? options : options with { Threads = plan.SessionThreads });
        Pipeline = new EncodingPipeline(
            model, side, _session, _session.Provider == SessionFactory.Cuda ? EncodingPlan.For(options, cuda: true, graph.LogitColumns, graph.IsSmall) : plan);
    }

    public EncodingPipeline Pipeline { get; }

    public EncoderSide Side => Pipeline.Side;

    public string Provider => _session.Provider;

    /// <summary>
    /// Opens the lane of documents, and that of queries when a model runs them. Where documents and queries have the same model, it is loaded twice only
    /// where <see cref="EncoderOptions.QueryLane"/> asks for it.
    /// </summary>
    /// <returns>No lane for queries: they have no model, or run in that of documents.</returns>
    /// <exception cref="ModelPackageException">The package can't be run.</exception>
    public static (EncodingLane Documents, EncodingLane? Queries) Open(ModelPackage package, EncoderOptions options)
    {
        var graph = Load(package.Documents);
        var documents = Open(package.Documents, graph, forQueries: false);
        try
        {
            if (package.Queries is { } queries)
            {
                return (documents, Open(queries, Load(queries), forQueries: true));
            }

            var second = options.QueryLane && package.QueryTable is null && documents.Provider != SessionFactory.Cuda && graph.WeightBytes <= MaxSecondSessionBytes;
            return (documents, second ? Open(package.Documents, graph, forQueries: true) : null);
        }
        catch
        {
            documents.Dispose();
            throw;
        }

        RunnableGraph Load(EncoderSide side) => RunnableGraph.Load(package.Files, side, package.Dense);

        EncodingLane Open(EncoderSide side, RunnableGraph loaded, bool forQueries) => new(
            package.Name, side, loaded, package.Dense is null ? side.Tokenizer.VocabularySize : 0, options, forQueries);
    }

    public void Dispose() => _session.Dispose();
}
