using System.Collections.Immutable;
using Splade.Encoding.Batching;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Passages;

namespace Splade.Encoding;

/// <summary>A dense model package that runs on ONNX Runtime.</summary>
internal sealed class OnnxDenseEncoder : IDenseEncoder
{
    private readonly ModelPackage _package;
    private readonly EncodingLane _documents;
    private readonly EncodingLane? _queries;

    /// <exception cref="ModelPackageException">The package can't be run, or is no dense encoder.</exception>
    public OnnxDenseEncoder(ModelPackage package, string fingerprint, EncoderOptions options)
    {
        options.Validate();
        _package = package;
        var dense = package.Dense ?? throw new ModelPackageException(package.Files.Folder, $"The model [{package.Name}] makes sparse vectors, not dense ones.");
        (_documents, _queries) = EncodingLane.Open(package, options);
        try
        {
            IsNormalized = dense.Normalize;
            Description = new ModelDescription(
                package.Name, package.Documents.Tokenizer.VocabularySize, package.Documents.MaxTokens, false, _documents.Provider, fingerprint)
            {
                Task = ModelTask.TextEmbedding,
            };
            Dimensions = Encode(_documents, [""], "", ChunkingSettings.None, default)[0].Vector.Length;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ModelDescription Description { get; }

    public int Dimensions { get; }

    public bool IsNormalized { get; }

    public IReadOnlyList<EmbeddedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(settings);
        var vectors = Encode(_documents, texts, _package.Prompts.Document, settings.Chunking, cancellationToken);
        EncodingMetrics.Encoded(Description.Name, texts.Count);
        return vectors;
    }

    public float[] EncodeQuery(string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        EncodingMetrics.Query(Description.Name);
        return Encode(_queries ?? _documents, [text], _package.Prompts.Query, ChunkingSettings.None, cancellationToken)[0].Vector;
    }

    public ImmutableArray<TextToken> ModelInput(string text, bool asQuery)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ModelInputs.Of(_documents.Side, (asQuery ? _package.Prompts.Query : _package.Prompts.Document) + text);
    }

    public void Dispose()
    {
        _documents.Dispose();
        _queries?.Dispose();
    }

    /// <summary>The inferences that documents take, in the order in which one thread makes them.</summary>
    internal List<ModelInputBatch> DocumentBatches(IReadOnlyList<string> texts) => _documents.Pipeline.Batches(texts, _package.Prompts.Document);

    private EmbeddedText[] Encode(EncodingLane lane, IReadOnlyList<string> texts, string prompt, ChunkingSettings chunking, CancellationToken cancellationToken)
    {
        var collector = new DenseCollector(texts.Count, lane.Side, IsNormalized);
        lane.Pipeline.Encode(texts, prompt, chunking, collector, cancellationToken);
        return collector.Texts;
    }
}
