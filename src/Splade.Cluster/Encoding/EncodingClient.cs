using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Ingest;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;

namespace Splade.Cluster.Encoding;

/// <summary>A coordinator's access to encoders: documents through the queue, queries through their own lane and a cache.</summary>
internal sealed class EncodingClient(ActorSystem system, IActorRef queue, INodeDirectory directory, TimeProvider time)
{
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(5);

    /// <summary>A node that has just started describes its models a moment later.</summary>
    private static readonly TimeSpan UnknownModelGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long a query waits for the first encoder node (it may be starting again).</summary>
    private static readonly TimeSpan NoEncoderGrace = TimeSpan.FromSeconds(10);
    private readonly QueryCache _cache = new(10_000);
    private int _next;

    /// <summary>One answer for each text, in order; a text that failed has its error.</summary>
    public async Task<ImmutableArray<EncodedDocument>> EncodeDocumentsAsync(IReadOnlyList<(string Model, EncodingSettings Settings, string Text)> texts, DateTimeOffset deadline)
    {
        var items = texts.Select(t => new EncodeItem(
            t.Model, t.Settings, t.Text, deadline, new TaskCompletionSource<EncodedDocument>(TaskCreationOptions.RunContinuationsAsynchronously))).ToImmutableArray();
        queue.Tell(items);
        var answers = ImmutableArray.CreateBuilder<EncodedDocument>(items.Length);
        foreach (var item in items)
        {
            try
            {
                answers.Add(await item.Done.Task.ConfigureAwait(false));
            }
            catch (Api.SearchClusterException refusal)
            {
                answers.Add(new EncodedDocument([], 0, false, refusal.Error));
            }
        }

        return answers.MoveToImmutable();
    }

    /// <exception cref="Api.SearchClusterException">No encoder has the model or could encode the query.</exception>
    public async Task<EncodedDocument> EncodeQueryAsync(
        string model, EncodingSettings settings, string text, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        CheckSize(text);
        var fingerprint = directory.Current.Models.FirstOrDefault(m => m.Name == model)?.Fingerprint;
        if (fingerprint is not null && _cache.Find((fingerprint, settings.QueryPruning, text)) is { } cached)
        {
            return cached;
        }

        var answer = await AskAsync<QueryEncoded>(model, id => new EncodeQuery(id, model, settings, text, deadline), deadline, cancellationToken).ConfigureAwait(false);
        if (answer.Query.Error is { } error)
        {
            throw new Api.SearchClusterException(error);
        }

        // Under the fingerprint of the model that answered: the package may have been replaced a moment ago.
        if (answer.Query.Fingerprint.Length > 0)
        {
            _cache.Add((answer.Query.Fingerprint, settings.QueryPruning, text), answer.Query);
        }

        return answer.Query;
    }

    /// <exception cref="Api.SearchClusterException">No encoder has the model or could analyze the text.</exception>
    public async Task<TextAnalyzed> AnalyzeAsync(
        string model, EncodingSettings settings, string text, bool asQuery, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        CheckSize(text);
        var answer = await AskAsync<TextAnalyzed>(model, id => new AnalyzeText(id, model, settings, text, asQuery, deadline), deadline, cancellationToken).ConfigureAwait(false);
        return answer.Error is { } error ? throw new Api.SearchClusterException(error) : answer;
    }

    /// <summary>Refuses a text that no message between nodes can carry: it would be dropped, and nobody would answer.</summary>
    private static void CheckSize(string text)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(text) is var bytes && bytes > MessageSize.Largest)
        {
            throw Errors.Of("illegal_argument_exception", $"the text has {bytes} bytes, more than the limit of {MessageSize.Largest}: send less of it", 413);
        }
    }

    private async Task<T> AskAsync<T>(string model, Func<Guid, object> message, DateTimeOffset deadline, CancellationToken cancellationToken)
    {
        var start = time.GetUtcNow();
        while (true)
        {
            var nodes = directory.Current.Nodes.Where(n => n.Reachable && n.Report.Models.Any(m => m.Name == model))
                .Select(n => Address.Parse(n.Report.Node.Address)).ToArray();
            var left = deadline - time.GetUtcNow();
            if (nodes.Length > 0 && left > TimeSpan.Zero)
            {
                var node = nodes[(uint)Interlocked.Increment(ref _next) % nodes.Length];
                try
                {
                    return await system.ActorSelection(new RootActorPath(node) / "user" / QueryEncoderActor.Name)
                        .Ask<T>(message(Guid.NewGuid()), left < Attempt ? left : Attempt, cancellationToken).ConfigureAwait(false);
                }
                catch (AskTimeoutException)
                {
                    // Another node, or the same again: the answer depends on nothing but the text.
                }
            }

            var unknown = nodes.Length == 0 && directory.Current.Models.Any() && !directory.Current.IsLoading(model) && time.GetUtcNow() - start > UnknownModelGrace;
            var alone = !directory.Current.HasEncoder && time.GetUtcNow() - start > NoEncoderGrace;
            if (unknown || alone || time.GetUtcNow() >= deadline)
            {
                throw nodes.Length > 0 ? Errors.Timeout("No encoder answered in time: try again, or add encoder nodes.")
                    : directory.Current.IsLoading(model) ? Errors.ModelIsLoading(model)
                    : directory.Current.HasEncoder ? Errors.NoSuchModel(model, directory.Current.Models.Select(m => m.Name))
                    : Errors.Timeout("No encoder node is in the cluster: start one with --roles encoder.");
            }

            if (nodes.Length == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
