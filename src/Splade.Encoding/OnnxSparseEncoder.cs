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
    /// <summary>Inferences' worth of text that is tokenized at a time, while the model runs on the texts before.</summary>
    private const int BatchesAhead = 8;

    /// <summary>Characters of a token, for dividing texts before they are tokenized.</summary>
    private const int CharactersPerToken = 4;

    private readonly ModelPackage _package;
    private readonly EncoderOptions _options;
    private readonly Lane _documents;
    private readonly Lane? _queries;

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
            _documents.Session.Dispose();
            throw;
        }

        _options = options.For(_documents.Session.Provider == SessionFactory.Cuda, Tokenizer.VocabularySize);
        Description = new ModelDescription(
            package.Name, Tokenizer.VocabularySize, package.Documents.MaxTokens, package.QueryTable is not null, _documents.Session.Provider, fingerprint);
    }

    public ModelDescription Description { get; }

    public IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(settings);
        var result = Encode(_documents, texts, _package.Prompts.Document, settings.Chunking, _package.Settings.ExpansionWeight, settings.Pruning ?? _package.Settings.Pruning, cancellationToken);
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
            ? Prune(table.Encode(_package.Prompts.Query + text), pruning)
            : Encode(QueryLane, [text], _package.Prompts.Query, ChunkingSettings.None, 1f, pruning, cancellationToken)[0];
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

        var side = asQuery ? QueryLane.Side : _documents.Side;
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
        _documents.Session.Dispose();
        _queries?.Session.Dispose();
    }

    /// <summary>The session of the documents, to be measured without what is around it.</summary>
    internal SpladeSession DocumentSession => _documents.Session;

    /// <summary>The inferences that documents take, in the order in which they are made.</summary>
    internal List<ModelInputBatch> DocumentBatches(IReadOnlyList<string> texts) =>
    [
        .. Parts(texts).Select(part => TokenizedTexts.Of(texts, part, _package.Prompts.Document, _documents.Side, ChunkingSettings.None, CancellationToken.None))
            .SelectMany(part => TokenBatcher.Batches([.. part.Passages.Select(p => p.Length)], _options).Select(batch => Input(_documents, batch, part))),
    ];

    private ITokenizer Tokenizer => _package.Documents.Tokenizer;

    private Lane QueryLane => _queries ?? _documents;

    private static Lane Open(ModelPackage package, EncoderSide side, EncoderOptions options) =>
        new(side, SpladeSession.Open(RunnableGraph.Load(package.Files, side, dense: null), side.Tokenizer.VocabularySize, options));

    private static EncodedText Prune(EncodedText text, PruneSettings pruning)
    {
        var (indices, weights) = VectorPruner.Prune(text.Indices, text.Weights, pruning);
        return ReferenceEquals(indices, text.Indices)
            ? text
            : text with
            {
                Indices = indices,
                Weights = weights,
                UnprunedCount = text.Indices.Length,
                ShippedIdf = text.ShippedIdf is { } shipped ? [.. indices.Select(i => shipped[Array.BinarySearch(text.Indices, i)])] : null,
            };
    }

    private static List<PieceOccurrence> Pieces(ITokenizer tokenizer, string text)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        return pieces;
    }

    private static TextToken Token(ITokenizer tokenizer, PieceOccurrence piece) => new(tokenizer.Piece(piece.Id), piece.Id, piece.Start, piece.End);

    private EncodedText[] Encode(
        Lane lane,
        IReadOnlyList<string> texts,
        string prompt,
        ChunkingSettings chunking,
        float expansionWeight,
        PruneSettings pruning,
        CancellationToken cancellationToken)
    {
        var result = new EncodedText[texts.Count];
        var parts = Parts(texts);
        var next = parts.Count == 0 ? null : TokenizeAsync(parts[0]);
        for (var part = 0; part < parts.Count; part++)
        {
            var tokenized = next!.GetAwaiter().GetResult();
            next = part + 1 < parts.Count ? TokenizeAsync(parts[part + 1]) : null;
            var vectors = Run(lane, tokenized, expansionWeight, cancellationToken);
            for (var i = 0; i < tokenized.Texts.Length; i++)
            {
                result[tokenized.Texts[i]] = Prune(vectors[i].ToText(tokenized.IsTruncated(i)), pruning);
            }
        }

        return result;

        Task<TokenizedTexts> TokenizeAsync(int[] chosen) =>
            Task.Run(() => TokenizedTexts.Of(texts, chosen, prompt, lane.Side, chunking, cancellationToken), cancellationToken);
    }

    /// <summary>Texts of like length together, a few inferences' worth in each part.</summary>
    private List<int[]> Parts(IReadOnlyList<string> texts)
    {
        var byLength = Enumerable.Range(0, texts.Count).OrderBy(i => texts[i].Length).ToArray();
        var budget = (long)_options.BatchTokens * BatchesAhead * CharactersPerToken;
        var parts = new List<int[]>();
        for (var start = 0; start < byLength.Length;)
        {
            var end = start;
            for (var characters = 0L; end < byLength.Length && (end == start || characters < budget) && end - start < _options.BatchTexts * BatchesAhead; end++)
            {
                characters += texts[byLength[end]].Length;
            }

            parts.Add(byLength[start..end]);
            start = end;
        }

        return parts;
    }

    private TextVector[] Run(Lane lane, TokenizedTexts texts, float expansionWeight, CancellationToken cancellationToken)
    {
        var vectors = new TextVector[texts.Texts.Length];
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] = new TextVector(expansionWeight);
        }

        var lengths = new int[texts.Passages.Count];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = texts.Passages[i].Length;
        }

        foreach (var batch in TokenBatcher.Batches(lengths, _options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            RunBatch(lane, batch, texts, vectors);
        }

        return vectors;
    }

    private void RunBatch(Lane lane, int[] batch, TokenizedTexts texts, TextVector[] vectors)
    {
        using var input = Input(lane, batch, texts);
        lane.Session.Run(input, (row, weights) =>
        {
            var passage = texts.Passages[batch[row]];
            var (indices, values) = SparseRow.Read(weights, lane.Side.Tokenizer.VocabularySize, lane.Side.Weights.Path);
            vectors[passage.Text].Add(indices, values, texts.Ids(passage));
        });
        EncodingMetrics.Batch(Description.Name, input.Tokens, (input.Batch * input.Length) - input.Tokens);
    }

    private static ModelInputBatch Input(Lane lane, int[] batch, TokenizedTexts texts)
    {
        var input = new ModelInputBatch(batch.Length, batch.Max(i => texts.Passages[i].Length), lane.Side.Tokenizer.PaddingId);
        for (var row = 0; row < batch.Length; row++)
        {
            input.Fill(row, texts.Ids(texts.Passages[batch[row]]));
        }

        return input;
    }

    /// <summary>A side of the package with its session.</summary>
    private sealed record Lane(EncoderSide Side, SpladeSession Session);
}
