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
    private readonly EncodingPipeline _documents;
    private readonly EncodingPipeline? _queries;

    public OnnxSparseEncoder(ModelPackage package, string fingerprint, EncoderOptions options)
    {
        options.Validate();
        _package = package;
        if (package.Dense is not null)
        {
            throw new ModelPackageException(
                package.Files.Folder, $"The model [{package.Name}] makes dense vectors ({ModelTask.TextEmbedding.Name()}), not sparse ones over a vocabulary.");
        }

        _documents = Open(package, package.Documents, options);
        try
        {
            _queries = package.Queries is { } queries ? Open(package, queries, options) : null;
        }
        catch
        {
            _documents.Dispose();
            throw;
        }

        Description = new ModelDescription(
            package.Name, Tokenizer.VocabularySize, package.Documents.MaxTokens, package.QueryTable is not null, _documents.Session.Provider, fingerprint);
    }

    public ModelDescription Description { get; }

    public IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(settings);
        var result = _documents.Encode(
            texts,
            new PipelineSettings(_package.Prompts.Document, settings.Chunking, _package.Settings.ExpansionWeight, settings.Pruning ?? _package.Settings.Pruning),
            cancellationToken);
        EncodingMetrics.Encoded(Description.Name, texts.Count);
        return result;
    }

    public EncodedText EncodeQuery(string text, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(settings);
        EncodingMetrics.Query(Description.Name);
        var pruning = settings.QueryPruning ?? _package.Settings.QueryPruning;
        return _package.QueryTable is { } table
            ? VectorPruner.Prune(table.Encode(_package.Prompts.Query + text), pruning)
            : Queries.Encode([text], new PipelineSettings(_package.Prompts.Query, ChunkingSettings.None, 1f, pruning), cancellationToken)[0];
    }

    public ImmutableArray<TextToken> Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. Pieces(Tokenizer, text).Select(p => Token(Tokenizer, p))];
    }

    public ImmutableArray<TextToken> ModelInput(string text, bool asQuery)
    {
        ArgumentNullException.ThrowIfNull(text);
        var prompted = (asQuery ? _package.Prompts.Query : _package.Prompts.Document) + text;
        if (asQuery && _package.QueryTable is { } table)
        {
            return [.. Pieces(table.Tokenizer, prompted).Take(table.MaxTokens).Select(p => Token(table.Tokenizer, p))];
        }

        var side = asQuery ? Queries.Side : _documents.Side;
        var template = side.Tokenizer.Template;
        return
        [
            .. template.Prefix.Select(Special),
            .. Pieces(side.Tokenizer, prompted).Take(side.MaxTokens - template.Length).Select(p => Token(side.Tokenizer, p)),
            .. template.Suffix.Select(Special),
        ];

        TextToken Special(int id) => new(side.Tokenizer.Piece(id), id, 0, 0);
    }

    public string GetFeature(int id) => id < Tokenizer.VocabularySize
        ? Tokenizer.Piece(id)
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[unused-{id}]");

    public void Dispose()
    {
        _documents.Dispose();
        _queries?.Dispose();
    }

    /// <summary>The session of the documents, to be measured without what is around it.</summary>
    internal SpladeSession DocumentSession => _documents.Session;

    /// <summary>The inferences that documents take, in the order in which they are made.</summary>
    internal List<ModelInputBatch> DocumentBatches(IReadOnlyList<string> texts) => _documents.Batches(texts, _package.Prompts.Document);

    private ITokenizer Tokenizer => _package.Documents.Tokenizer;

    private EncodingPipeline Queries => _queries ?? _documents;

    private static EncodingPipeline Open(ModelPackage package, EncoderSide side, EncoderOptions options) =>
        new(package.Name, side, SpladeSession.Open(RunnableGraph.Load(package.Files, side, dense: null), side.Tokenizer.VocabularySize, options), options);

    private static List<PieceOccurrence> Pieces(ITokenizer tokenizer, string text)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        return pieces;
    }

    private static TextToken Token(ITokenizer tokenizer, PieceOccurrence piece) => new(tokenizer.Piece(piece.Id), piece.Id, piece.Start, piece.End);
}
