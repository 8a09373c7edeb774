using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;

namespace Splade.Encoding.Batching;

/// <summary>
/// One side of a model, from text to vector in three stages that overlap: one thread tokenizes the next part of the texts, the caller's runs the model, one
/// reads the vectors of the batch before. Never more than one part waits as ids, and the vectors of two batches are in memory.
/// </summary>
internal sealed class EncodingPipeline : IDisposable
{
    /// <summary>Inferences' worth of text that is tokenized at a time.</summary>
    private const int BatchesAhead = 8;

    /// <summary>Characters of a token, for dividing texts before they are tokenized.</summary>
    private const int CharactersPerToken = 4;

    private readonly string _model;
    private readonly EncoderOptions _options;

    /// <param name="model">Name, for metrics.</param>
    /// <param name="session">Disposed of with the pipeline.</param>
    public EncodingPipeline(string model, EncoderSide side, SpladeSession session, EncoderOptions options)
    {
        _model = model;
        _options = options.For(session.Provider == SessionFactory.Cuda, side.Tokenizer.VocabularySize);
        Side = side;
        Session = session;
    }

    public EncoderSide Side { get; }

    public SpladeSession Session { get; }

    /// <returns>In the order of the texts.</returns>
    /// <exception cref="ModelPackageException">The model fails on a text, or gives what is no vector.</exception>
    public EncodedText[] Encode(IReadOnlyList<string> texts, PipelineSettings settings, CancellationToken cancellationToken)
    {
        var result = new EncodedText[texts.Count];
        var parts = Parts(texts);
        var tokenizing = Tokenize(0);
        var reading = Task.CompletedTask;
        try
        {
            for (var part = 0; part < parts.Count; part++)
            {
                var tokenized = tokenizing!.GetAwaiter().GetResult();
                tokenizing = Tokenize(part + 1);
                var vectors = Array.ConvertAll(tokenized.Texts, _ => new TextVector(settings.ExpansionWeight));
                var batches = Batches(tokenized);
                for (var i = 0; i < batches.Length; i++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var (batch, isLast) = (batches[i], i == batches.Length - 1);
                    var output = Infer(tokenized, batch);
                    try
                    {
                        reading.GetAwaiter().GetResult();
                    }
                    catch
                    {
                        output.Dispose();
                        throw;
                    }

                    reading = Task.Run(
                        () =>
                        {
                            Read(output, tokenized, batch, vectors);
                            if (isLast)
                            {
                                Finish(tokenized, vectors, settings.Pruning, result);
                            }
                        },
                        CancellationToken.None);
                }
            }

            reading.GetAwaiter().GetResult();
            return result;
        }
        finally
        {
            // After a failure, too, nothing works on after the call.
            Settle(reading);
            Settle(tokenizing);
        }

        Task<TokenizedTexts>? Tokenize(int part) => part == parts.Count
            ? null
            : Task.Run(() => TokenizedTexts.Of(texts, parts[part], settings.Prompt, Side, settings.Chunking, cancellationToken), cancellationToken);
    }

    /// <summary>The inferences of <see cref="Encode"/>, in the order in which they are made.</summary>
    public List<ModelInputBatch> Batches(IReadOnlyList<string> texts, string prompt) =>
    [
        .. Parts(texts).Select(part => TokenizedTexts.Of(texts, part, prompt, Side, ChunkingSettings.None, CancellationToken.None))
            .SelectMany(part => Batches(part).Select(batch => Input(part, batch))),
    ];

    public void Dispose() => Session.Dispose();

    private static void Settle(Task? task) => task?.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();

    private static void Finish(TokenizedTexts texts, TextVector[] vectors, PruneSettings pruning, EncodedText[] result)
    {
        for (var i = 0; i < vectors.Length; i++)
        {
            result[texts.Texts[i]] = VectorPruner.Prune(vectors[i].ToText(texts.IsTruncated(i)), pruning);
        }
    }

    /// <summary>Texts of like length together. The first parts are small, because the model waits for the first one.</summary>
    private List<int[]> Parts(IReadOnlyList<string> texts)
    {
        var byLength = Enumerable.Range(0, texts.Count).OrderBy(i => texts[i].Length).ToArray();
        var parts = new List<int[]>();
        var ahead = 1;
        for (var start = 0; start < byLength.Length;)
        {
            var budget = (long)_options.BatchTokens * ahead * CharactersPerToken;
            var end = start;
            for (var characters = 0L; end < byLength.Length && (end == start || characters < budget) && end - start < _options.BatchTexts * ahead; end++)
            {
                characters += texts[byLength[end]].Length;
            }

            parts.Add(byLength[start..end]);
            start = end;
            ahead = Math.Min(2 * ahead, BatchesAhead);
        }

        return parts;
    }

    private int[][] Batches(TokenizedTexts texts) => [.. TokenBatcher.Batches([.. texts.Passages.Select(p => p.Length)], _options)];

    private ModelInputBatch Input(TokenizedTexts texts, int[] batch)
    {
        var input = new ModelInputBatch(batch.Length, batch.Max(i => texts.Passages[i].Length), Side.Tokenizer.PaddingId);
        for (var row = 0; row < batch.Length; row++)
        {
            input.Fill(row, texts.Ids(texts.Passages[batch[row]]));
        }

        return input;
    }

    private SessionOutput Infer(TokenizedTexts texts, int[] batch)
    {
        using var input = Input(texts, batch);
        var output = Session.Infer(input);
        EncodingMetrics.Batch(_model, input.Tokens, (input.Batch * input.Length) - input.Tokens);
        return output;
    }

    private void Read(SessionOutput output, TokenizedTexts texts, int[] batch, TextVector[] vectors)
    {
        using (output)
        {
            output.Read((row, weights) =>
            {
                var passage = texts.Passages[batch[row]];
                var (indices, values) = SparseRow.Read(weights, Side.Tokenizer.VocabularySize, Side.Weights.Path);
                vectors[passage.Text].Add(indices, values, texts.Ids(passage));
            });
        }
    }
}
