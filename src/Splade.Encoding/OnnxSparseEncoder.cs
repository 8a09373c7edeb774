using System.Collections.Immutable;
using Splade.Encoding.Batching;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding;

/// <summary>A model package that runs on ONNX Runtime.</summary>
internal sealed class OnnxSparseEncoder : ISparseEncoder
{
    private readonly ModelPackage _package;
    private readonly EncoderOptions _options;
    private readonly Lane _documents;
    private readonly Lane? _queries;

    public OnnxSparseEncoder(ModelPackage package, string fingerprint, EncoderOptions options)
    {
        options.Validate();
        _package = package;
        _options = options;
        _documents = Open(package, package.Documents, options);
        _queries = package.Queries is { } queries ? Open(package, queries, options) : null;
        Description = new ModelDescription(
            package.Name, Tokenizer.VocabularySize, package.Documents.MaxTokens, package.QueryTable is not null, _documents.Session.Provider, fingerprint);
    }

    public ModelDescription Description { get; }

    public IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Encode(_documents, texts, _package.Prompts.Document, cancellationToken);
    }

    public EncodedText EncodeQuery(string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _package.QueryTable is { } table
            ? table.Encode(_package.Prompts.Query + text)
            : Encode(_queries ?? _documents, [text], _package.Prompts.Query, cancellationToken)[0];
    }

    public ImmutableArray<TextToken> Tokenize(string text)
    {
        var pieces = new List<PieceOccurrence>();
        Tokenizer.Encode(text, pieces);
        return [.. pieces.Select(p => new TextToken(Tokenizer.Piece(p.Id), p.Id, p.Start, p.End))];
    }

    public string GetFeature(int id) => id < Tokenizer.VocabularySize
        ? Tokenizer.Piece(id)
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[unused-{id}]");

    public void Dispose()
    {
        _documents.Session.Dispose();
        _queries?.Session.Dispose();
    }

    private ITokenizer Tokenizer => _package.Documents.Tokenizer;

    private static Lane Open(ModelPackage package, EncoderSide side, EncoderOptions options) =>
        new(side, SpladeSession.Open(RunnableGraph.Load(package.Files, side, dense: null), side.Tokenizer.VocabularySize, options));

    private EncodedText[] Encode(Lane lane, IReadOnlyList<string> texts, string prompt, CancellationToken cancellationToken)
    {
        var tokenized = new long[texts.Count][];
        var truncated = new bool[texts.Count];
        var pieces = new List<PieceOccurrence>();
        for (var i = 0; i < texts.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            pieces.Clear();
            lane.Side.Tokenizer.Encode(prompt + texts[i], pieces);
            var kept = Math.Min(pieces.Count, lane.Side.MaxTokens - lane.Side.Tokenizer.Template.Length);
            truncated[i] = kept < pieces.Count;
            tokenized[i] = lane.Side.Tokenizer.Template.Apply(pieces, kept);
        }

        var result = new EncodedText[texts.Count];
        foreach (var batch in TokenBatcher.Batches([.. tokenized.Select(t => t.Length)], _options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            RunBatch(lane, batch, tokenized, truncated, result);
        }

        return result;
    }

    private static void RunBatch(Lane lane, int[] batch, long[][] tokenized, bool[] truncated, EncodedText[] result)
    {
        var length = batch.Max(i => tokenized[i].Length);
        var ids = new long[batch.Length * length];
        var mask = new long[ids.Length];
        Array.Fill(ids, lane.Side.Tokenizer.PaddingId);
        for (var row = 0; row < batch.Length; row++)
        {
            var tokens = tokenized[batch[row]];
            tokens.CopyTo(ids, row * length);
            mask.AsSpan(row * length, tokens.Length).Fill(1);
        }

        lane.Session.Run(ids, mask, batch.Length, length, (row, weights) =>
        {
            var text = batch[row];
            var (indices, values) = SparseRow.Read(weights, lane.Side.Tokenizer.VocabularySize, lane.Side.Weights.Path);
            result[text] = new EncodedText(indices, values, tokenized[text].Length, truncated[text]);
        });
    }

    /// <summary>A side of the package with its session.</summary>
    private sealed record Lane(EncoderSide Side, SpladeSession Session);
}
