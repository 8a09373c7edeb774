using Splade.Encoding.Batching;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Passages;

namespace Splade.Encoding;

/// <summary>A dense model package that runs on ONNX Runtime.</summary>
internal sealed class OnnxDenseEncoder : IDenseEncoder
{
    private readonly ModelPackage _package;
    private readonly EncoderOptions _options;
    private readonly SpladeSession _session;

    /// <exception cref="ModelPackageException">The package can't be run, or is no dense encoder.</exception>
    public OnnxDenseEncoder(ModelPackage package, string fingerprint, EncoderOptions options)
    {
        options.Validate();
        _package = package;
        var dense = package.Dense ?? throw new ModelPackageException(package.Files.Folder, $"The model [{package.Name}] makes sparse vectors, not dense ones.");
        _session = SpladeSession.Open(RunnableGraph.Load(package.Files, package.Documents, dense), 0, options);
        _options = options.For(_session.Provider == SessionFactory.Cuda, 0);
        try
        {
            IsNormalized = dense.Normalize;
            Description = new ModelDescription(
                package.Name, package.Documents.Tokenizer.VocabularySize, package.Documents.MaxTokens, false, _session.Provider, fingerprint)
            {
                Task = ModelTask.TextEmbedding,
            };
            Dimensions = Encode([""], "", default)[0].Length;
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    public ModelDescription Description { get; }

    public int Dimensions { get; }

    public bool IsNormalized { get; }

    public IReadOnlyList<float[]> EncodeDocuments(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Encode(texts, _package.Prompts.Document, cancellationToken);
    }

    public float[] EncodeQuery(string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode([text], _package.Prompts.Query, cancellationToken)[0];
    }

    public void Dispose() => _session.Dispose();

    private float[][] Encode(IReadOnlyList<string> texts, string prompt, CancellationToken cancellationToken)
    {
        var tokenized = TokenizedTexts.Of(
            texts, [.. Enumerable.Range(0, texts.Count)], prompt, _package.Documents, ChunkingSettings.None, cancellationToken);
        var result = new float[texts.Count][];
        foreach (var batch in TokenBatcher.Batches([.. tokenized.Passages.Select(p => p.Length)], _options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var input = new ModelInputBatch(
                batch.Length, batch.Max(i => tokenized.Passages[i].Length), _package.Documents.Tokenizer.PaddingId);
            for (var row = 0; row < batch.Length; row++)
            {
                input.Fill(row, tokenized.Ids(tokenized.Passages[batch[row]]));
            }

            _session.Run(input, (row, vector) => result[tokenized.Passages[batch[row]].Text] = Checked(vector));
        }

        return result;
    }

    private float[] Checked(ReadOnlySpan<float> vector)
    {
        var bad = vector.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        return bad < 0
            ? vector.ToArray()
            : throw new ModelPackageException(
                _package.Documents.Weights.Path, $"The model's value at [{bad}] is no finite number. Its weights are damaged.");
    }
}
