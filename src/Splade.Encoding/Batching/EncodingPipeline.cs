using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Passages;

namespace Splade.Encoding.Batching;

/// <summary>
/// One side of a model, from texts to vectors: sorted by length, tokenized in parts, run in batches by token volume. Several threads do all of that beside
/// each other, so that while one tokenizes or reads others compute.
/// </summary>
internal sealed class EncodingPipeline
{
    /// <summary>Inferences' worth of text that is tokenized at a time: the more, the less padding.</summary>
    private const int BatchesAhead = 8;

    /// <summary>Characters of a token, for dividing texts before they are tokenized.</summary>
    private const int CharactersPerToken = 4;

    private readonly string _model;
    private readonly EncodingPlan _plan;
    private readonly VolumeGate _volume;

    /// <param name="model">Name, for metrics.</param>
    /// <param name="session">The caller's, to be disposed of by it.</param>
    public EncodingPipeline(string model, EncoderSide side, SpladeSession session, EncodingPlan plan)
    {
        _model = model;
        _plan = plan;
        _volume = new VolumeGate(plan.Volume);
        Side = side;
        Session = session;
    }

    public EncoderSide Side { get; }

    public SpladeSession Session { get; }

    /// <param name="prompt">Put before every passage.</param>
    /// <param name="collector">Gets the vectors of all passages.</param>
    /// <exception cref="ModelPackageException">The model fails on a text, or gives what is no vector.</exception>
    public void Encode(
        IReadOnlyList<string> texts, string prompt, ChunkingSettings chunking, IPassageCollector collector, CancellationToken cancellationToken)
    {
        var work = new EncodingWork(
            Parts(texts),
            part =>
            {
                var tokenized = TokenizedTexts.Of(texts, part, prompt, Side, chunking, cancellationToken);
                for (var i = 0; i < part.Length; i++)
                {
                    collector.Begin(part[i], tokenized.PassagesOf(i), tokenized.IsTruncated(i));
                }

                return Batches(tokenized).Select(batch => (tokenized, batch));
            },
            (tokenized, batch) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                Run(tokenized, batch, collector);
            });
        work.Run(_plan.Workers);
    }

    /// <summary>The inferences of <see cref="Encode"/>, in the order in which one thread makes them.</summary>
    public List<ModelInputBatch> Batches(IReadOnlyList<string> texts, string prompt) =>
    [
        .. Parts(texts).Select(part => TokenizedTexts.Of(texts, part, prompt, Side, ChunkingSettings.None, CancellationToken.None))
            .SelectMany(part => Batches(part).Select(batch => Input(part, batch))),
    ];

    /// <summary>Texts of like length together, the longest first. The last parts are small, so that no thread is at work for long after the others are done.</summary>
    private List<int[]> Parts(IReadOnlyList<string> texts)
    {
        var byLength = Enumerable.Range(0, texts.Count).OrderBy(i => texts[i].Length).ToArray();
        var parts = new List<int[]>();
        var ahead = 1;
        for (var start = 0; start < byLength.Length;)
        {
            var budget = (long)_plan.BatchTokens * ahead * CharactersPerToken;
            var end = start;
            for (var characters = 0L; end < byLength.Length && (end == start || characters < budget) && end - start < _plan.BatchTexts * ahead; end++)
            {
                characters += texts[byLength[end]].Length;
            }

            parts.Add(byLength[start..end]);
            start = end;
            ahead = Math.Min(2 * ahead, BatchesAhead);
        }

        parts.Reverse();
        return parts;
    }

    private IEnumerable<int[]> Batches(TokenizedTexts texts) => TokenBatcher.Batches([.. texts.Passages.Select(p => p.Ids.Length)], _plan.BatchTokens, _plan.BatchTexts);

    private ModelInputBatch Input(TokenizedTexts texts, int[] batch)
    {
        var input = new ModelInputBatch(batch.Length, batch.Max(i => texts.Passages[i].Ids.Length), Side.Tokenizer.PaddingId);
        for (var row = 0; row < batch.Length; row++)
        {
            input.Fill(row, texts.Passages[batch[row]].Ids);
        }

        return input;
    }

    private void Run(TokenizedTexts texts, int[] batch, IPassageCollector collector)
    {
        using var input = Input(texts, batch);
        using var output = Infer(input);
        EncodingMetrics.Batch(_model, input.Tokens, (input.Batch * input.Length) - input.Tokens);
        output.Read((row, answer) =>
        {
            var passage = texts.Passages[batch[row]];
            collector.Add(texts.Texts[passage.Text], passage.Ordinal, answer, passage.Ids);
        });
    }

    private SessionOutput Infer(ModelInputBatch input)
    {
        var entered = _volume.Enter((long)input.Batch * input.Length);
        try
        {
            return Session.Infer(input);
        }
        finally
        {
            _volume.Leave(entered);
        }
    }
}
