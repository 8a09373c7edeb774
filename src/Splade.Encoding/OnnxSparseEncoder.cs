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

    public IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Encode(texts, _package.Prompts.Document, cancellationToken);
    }

    public EncodedText EncodeQuery(string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _package.Query is { } query
            ? query.Encode(_package.Prompts.Query + text, _package.Tokenizer)
            : Encode([text], _package.Prompts.Query, cancellationToken)[0];
    }

    public ImmutableArray<TextToken> Tokenize(string text)
    {
        var pieces = new List<PieceOccurrence>();
        _package.Tokenizer.Encode(text, pieces);
        return [.. pieces.Select(p => new TextToken(_package.Tokenizer.Piece(p.Id), p.Id, p.Start, p.End))];
    }

    public string GetFeature(int id) => id < _package.Tokenizer.VocabularySize
        ? _package.Tokenizer.Piece(id)
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[unused-{id}]");

    public void Dispose() => _session.Dispose();

    private EncodedText[] Encode(IReadOnlyList<string> texts, string prompt, CancellationToken cancellationToken)
    {
        var tokenized = new long[texts.Count][];
        var truncated = new bool[texts.Count];
        var pieces = new List<PieceOccurrence>();
        for (var i = 0; i < texts.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            pieces.Clear();
            _package.Tokenizer.Encode(prompt + texts[i], pieces);
            var kept = Math.Min(pieces.Count, _package.MaxTokens - _package.Tokenizer.Template.Length);
            truncated[i] = kept < pieces.Count;
            tokenized[i] = _package.Tokenizer.Template.Apply(pieces, kept);
        }

        var result = new EncodedText[texts.Count];
        foreach (var batch in TokenBatcher.Batches([.. tokenized.Select(t => t.Length)], _options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            RunBatch(batch, tokenized, truncated, result);
        }

        return result;
    }

    private void RunBatch(int[] batch, long[][] tokenized, bool[] truncated, EncodedText[] result)
    {
        var length = batch.Max(i => tokenized[i].Length);
        var ids = new long[batch.Length * length];
        var mask = new long[ids.Length];
        Array.Fill(ids, _package.Tokenizer.PaddingId);
        for (var row = 0; row < batch.Length; row++)
        {
            var tokens = tokenized[batch[row]];
            tokens.CopyTo(ids, row * length);
            mask.AsSpan(row * length, tokens.Length).Fill(1);
        }

        _session.Run(ids, mask, batch.Length, length, (row, weights) =>
        {
            var text = batch[row];
            var (indices, values) = SparseRow.Read(weights, _package);
            result[text] = new EncodedText(indices, values, tokenized[text].Length, truncated[text]);
        });
    }
}
