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
    private readonly SpladeSession _session;

    public OnnxSparseEncoder(ModelPackage package, string fingerprint, EncoderOptions options)
    {
        options.Validate();
        _package = package;
        _options = options;
        _session = SpladeSession.Open(package.OnnxPath, package.Folder, package.Tokenizer.VocabularySize, package.Pooling, options);
        Description = new ModelDescription(
            package.Name, package.Tokenizer.VocabularySize, package.MaxTokens, package.Query is not null, _session.Provider, fingerprint);
    }

    public ModelDescription Description { get; }

    public IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(settings);
        var result = Encode(texts, _package.Prompts.Document, settings.Chunking, _package.Settings.ExpansionWeight, settings.Pruning ?? _package.Settings.Pruning, cancellationToken);
        EncodingMetrics.Encoded(Description.Name, texts.Count);
        return result;
    }

    public EncodedText EncodeQuery(string text, EncodingSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(settings);
        EncodingMetrics.Query(Description.Name);
        var pruning = settings.QueryPruning ?? _package.Settings.QueryPruning;
        return _package.Query is { } query
            ? Prune(query.Encode(_package.Prompts.Query + text, _package.Tokenizer), pruning)
            : Encode([text], _package.Prompts.Query, ChunkingSettings.None, 1f, pruning, cancellationToken)[0];
    }

    public ImmutableArray<TextToken> Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. Pieces(text).Select(Token)];
    }

    public ImmutableArray<TextToken> ModelInput(string text, bool asQuery)
    {
        ArgumentNullException.ThrowIfNull(text);
        var template = _package.Tokenizer.Template;
        var pieces = Pieces((asQuery ? _package.Prompts.Query : _package.Prompts.Document) + text);
        return asQuery && _package.Query is { } query
            ? [.. pieces.Take(query.MaxTokens).Select(Token)]
            : [.. template.Prefix.Select(Special), .. pieces.Take(_package.MaxTokens - template.Length).Select(Token), .. template.Suffix.Select(Special)];

        TextToken Special(int id) => new(_package.Tokenizer.Piece(id), id, 0, 0);
    }

    public string GetFeature(int id) => id < _package.Tokenizer.VocabularySize
        ? _package.Tokenizer.Piece(id)
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[unused-{id}]");

    public void Dispose() => _session.Dispose();

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

    private List<PieceOccurrence> Pieces(string text)
    {
        var pieces = new List<PieceOccurrence>();
        _package.Tokenizer.Encode(text, pieces);
        return pieces;
    }

    private TextToken Token(PieceOccurrence piece) => new(_package.Tokenizer.Piece(piece.Id), piece.Id, piece.Start, piece.End);

    private EncodedText[] Encode(
        IReadOnlyList<string> texts, string prompt, ChunkingSettings chunking, float expansionWeight, PruneSettings pruning, CancellationToken cancellationToken)
    {
        var result = new EncodedText[texts.Count];
        var parts = Parts(texts);
        var next = parts.Count == 0 ? null : TokenizeAsync(parts[0]);
        for (var part = 0; part < parts.Count; part++)
        {
            var tokenized = next!.GetAwaiter().GetResult();
            next = part + 1 < parts.Count ? TokenizeAsync(parts[part + 1]) : null;
            var vectors = Run(tokenized, cancellationToken);
            for (var i = 0; i < tokenized.Texts.Length; i++)
            {
                result[tokenized.Texts[i]] = Prune(vectors[i].ToText(tokenized.IsTruncated(i), expansionWeight), pruning);
            }
        }

        return result;

        Task<TokenizedTexts> TokenizeAsync(int[] chosen) =>
            Task.Run(() => TokenizedTexts.Of(texts, chosen, prompt, _package, chunking, cancellationToken), cancellationToken);
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

    private TextVector[] Run(TokenizedTexts texts, CancellationToken cancellationToken)
    {
        var vectors = new TextVector[texts.Texts.Length];
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] = new TextVector();
        }

        var lengths = new int[texts.Passages.Count];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = texts.Passages[i].Length;
        }

        foreach (var batch in TokenBatcher.Batches(lengths, _options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            RunBatch(batch, texts, vectors);
        }

        return vectors;
    }

    private void RunBatch(int[] batch, TokenizedTexts texts, TextVector[] vectors)
    {
        var length = batch.Max(i => texts.Passages[i].Length);
        using var input = new ModelInputBatch(batch.Length, length, _package.Tokenizer.PaddingId);
        var tokens = 0;
        for (var row = 0; row < batch.Length; row++)
        {
            var ids = texts.Ids(texts.Passages[batch[row]]);
            input.Fill(row, ids);
            tokens += ids.Length;
        }

        _session.Run(input, (row, weights) =>
        {
            var passage = texts.Passages[batch[row]];
            var (indices, values) = SparseRow.Read(weights, _package);
            vectors[passage.Text].Add(indices, values, texts.Ids(passage));
        });
        EncodingMetrics.Batch(Description.Name, tokens, (batch.Length * length) - tokens);
    }
}
