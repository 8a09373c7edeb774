using System.Collections.Immutable;
using Splade.Encoding.Batching;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding;

/// <summary>A model package that runs on ONNX Runtime.</summary>
internal sealed class OnnxSparseEncoder : ISparseEncoder
{
    private readonly ModelPackage _package;
    private readonly EncodingLane _documents;
    private readonly EncodingLane? _queries;

    public OnnxSparseEncoder(ModelPackage package, string fingerprint, EncoderOptions options)
    {
        options.Validate();
        _package = package;
        if (package.Dense is not null)
        {
            throw new ModelPackageException(
                package.Files.Folder, $"The model [{package.Name}] makes dense vectors ({ModelTask.TextEmbedding.Name()}), not sparse ones over a vocabulary.");
        }

        (_documents, _queries) = EncodingLane.Open(package, options);

        Description = new ModelDescription(
            package.Name, Tokenizer.VocabularySize, package.Documents.MaxTokens, package.QueryTable is not null, _documents.Provider, fingerprint)
        {
            Similarity = package.Similarity,
        };
    }

    public ModelDescription Description { get; }

    public IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(settings);
        var collector = new SparseCollector(
            texts.Count, _documents.Side, _package.Settings.ExpansionWeight, settings.Pruning ?? _package.Settings.Pruning, settings.Chunking.Scoring);
        _documents.Pipeline.Encode(texts, _package.Prompts.Document, settings.Chunking, collector, cancellationToken);
        EncodingMetrics.Encoded(Description.Name, texts.Count);
        return collector.Texts;
    }

    public EncodedText EncodeQuery(string text, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(settings);
        EncodingMetrics.Query(Description.Name);
        var pruning = settings.QueryPruning ?? _package.Settings.QueryPruning;
        if (_package.QueryTable is { } table)
        {
            // What a graph does with its vectors, which a table has no graph for.
            var query = table.Encode(_package.Prompts.Query + text);
            query = _package.Documents.Pooling.MaxActive is { } most ? VectorPruner.Prune(query, new PruneSettings(PruneType.TopK, most)) : query;
            return VectorPruner.Prune(query, pruning);
        }

        var collector = new SparseCollector(1, Queries.Side, expansionWeight: 1f, pruning, PassageScoring.Document);
        Queries.Pipeline.Encode([text], _package.Prompts.Query, ChunkingSettings.None, collector, cancellationToken);
        return collector.Texts[0];
    }

    public ImmutableArray<TextToken> Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. ModelInputs.Pieces(Tokenizer, text)];
    }

    public ImmutableArray<TextToken> ModelInput(string text, bool asQuery)
    {
        ArgumentNullException.ThrowIfNull(text);
        var prompted = (asQuery ? _package.Prompts.Query : _package.Prompts.Document) + text;
        if (asQuery && _package.QueryTable is { } table)
        {
            return [.. ModelInputs.Pieces(table.Tokenizer, prompted).Take(table.MaxTokens)];
        }

        return ModelInputs.Of(asQuery ? Queries.Side : _documents.Side, prompted);
    }

    public string GetFeature(int id) => id < Tokenizer.VocabularySize
        ? Tokenizer.Piece(id)
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[unused-{id}]");

    public void Dispose()
    {
        _documents.Dispose();
        _queries?.Dispose();
    }

    /// <summary>The inferences that documents take, in the order in which one thread makes them.</summary>
    internal List<ModelInputBatch> DocumentBatches(IReadOnlyList<string> texts) => _documents.Pipeline.Batches(texts, _package.Prompts.Document);

    private ITokenizer Tokenizer => _package.Documents.Tokenizer;

    private EncodingLane Queries => _queries ?? _documents;
}
