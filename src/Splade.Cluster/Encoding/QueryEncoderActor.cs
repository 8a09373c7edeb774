using Akka.Actor;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;
using Splade.Encoding.Passages;

namespace Splade.Cluster.Encoding;

/// <summary>On encoder nodes: the lane of queries, which documents don't block.</summary>
internal sealed class QueryEncoderActor : ReceiveActor
{
    public const string Name = "query-encoder";

    /// <summary>Tokens of an analyzed text, as in Elasticsearch (index.analyze.max_token_count): all of them are in one message.</summary>
    private const int MaxAnalyzedTokens = 10_000;

    /// <summary>Queries at a time; others wait in turn.</summary>
    private readonly SemaphoreSlim _permits = new(Environment.ProcessorCount);

    public QueryEncoderActor(ModelRegistry models, TimeProvider time)
    {
        Receive<EncodeQuery>(query =>
        {
            InTurnAsync(() => new QueryEncoded(query.RequestId, IsLate(query.Deadline) ? Late : Encode(models, query))).PipeTo(Sender, Self);
        });
        Receive<AnalyzeText>(analyze => InTurnAsync(() =>
            IsLate(analyze.Deadline) ? new TextAnalyzed(analyze.RequestId, [], [], false, Late.Error) : Analyze(models, analyze)).PipeTo(Sender, Self));

        // Looked at when its turn comes: nobody waits for it any more, and those behind it do.
        bool IsLate(DateTimeOffset deadline) => deadline <= time.GetUtcNow();
    }

    private static EncodedDocument Late { get; } = new([], 0, false, Errors.Timeout("No encoder answered in time: try again, or add encoder nodes.").Error);

    private async Task<T> InTurnAsync<T>(Func<T> work)
    {
        await _permits.WaitAsync().ConfigureAwait(false);
        try
        {
            return await Task.Run(work).ConfigureAwait(false);
        }
        finally
        {
            _permits.Release();
        }
    }

    private static EncodedDocument Encode(ModelRegistry models, EncodeQuery query)
    {
        try
        {
            using var model = models.Use(query.Model);
            var encoder = model.Encoder;
            return encoder.EncodeQuery(query.Text, query.Settings, CancellationToken.None).ToDocument(encoder);
        }
        catch (Exception exception)
        {
            return new EncodedDocument([], 0, false, exception.ToModelError());
        }
    }

    /// <summary>The expansion of a text is told as one vector, where a field keeps one of each passage, too.</summary>
    private static EncodingSettings WithOneVector(EncodingSettings settings) => settings with { Chunking = settings.Chunking with { Scoring = PassageScoring.Document } };

    private static TextAnalyzed Analyze(ModelRegistry models, AnalyzeText analyze)
    {
        try
        {
            using var model = models.Use(analyze.Model);
            var encoder = model.Encoder;
            var tokens = encoder.Tokenize(analyze.Text).ToArray();
            if (tokens.Length > MaxAnalyzedTokens)
            {
                throw Errors.IllegalArgument(
                    $"The number of tokens produced by calling _analyze is {tokens.Length}, more than the maximum of {MaxAnalyzedTokens}: analyze a part of the text.");
            }

            var text = analyze.AsQuery
                ? encoder.EncodeQuery(analyze.Text, analyze.Settings, CancellationToken.None)
                : encoder.EncodeDocuments([analyze.Text], WithOneVector(analyze.Settings), CancellationToken.None)[0];
            return new TextAnalyzed(
                analyze.RequestId,
                [.. tokens.Select(t => new AnalyzedToken(t.Token, t.Start, t.End))],
                [.. text.ToDocument(encoder).Features.OrderByDescending(f => f.Weight).ThenBy(f => f.Feature, StringComparer.Ordinal)],
                text.Truncated)
            {
                UnprunedCount = text.UnprunedCount, Passages = text.Passages,
            };
        }
        catch (Exception exception)
        {
            return new TextAnalyzed(analyze.RequestId, [], [], false, exception.ToModelError());
        }
    }
}
