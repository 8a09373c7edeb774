using System.Collections.Immutable;
using Akka.Actor;
using Splade.Cluster.Api;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;

namespace Splade.Cluster.Encoding;

/// <summary>A text to encode, and who waits for it. Local to a coordinator.</summary>
internal sealed record EncodeItem(
    string Model, EncodingSettings Settings, string Text, DateTimeOffset Deadline, TaskCompletionSource<EncodedDocument> Done)
{
    /// <summary>Estimate: a token has about three characters.</summary>
    public int Tokens { get; } = (Text.Length / 3) + 2;

    /// <summary>How often a worker was lost with it.</summary>
    public int Losses { get; init; }
}

/// <summary>Settings of a coordinator's encode queue.</summary>
internal sealed record EncodeQueueOptions
{
    /// <summary>Estimated tokens that may wait; more are refused as overload.</summary>
    public long MaxQueuedTokens { get; init; } = 20_000_000;

    /// <summary>Texts of one batch.</summary>
    public int MaxBatchTexts { get; init; } = 256;

    /// <summary>A worker that does not answer within this time, and <see cref="LeasePerToken"/>, has lost its batch.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A long document is one batch, however long it takes: a large model on one slow core needs this for a token.</summary>
    public TimeSpan LeasePerToken { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>A text that was lost with so many workers is not tried again.</summary>
    public int MaxLosses { get; init; } = 3;

    /// <summary>How long a model may be unknown to every encoder before its texts are refused.</summary>
    public TimeSpan UnknownModelGrace { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// On coordinators: documents wait here for workers, which pull as much as they have credit for. A lost worker's batch goes back to the front.
/// Akka.NET has no work-pulling controller, so this is our own.
/// </summary>
internal sealed class EncodeQueueActor : ReceiveActor, IWithTimers
{
    public const string Name = "encode-queue";

    private readonly LinkedList<EncodeItem> _waiting = new();
    private readonly Dictionary<IActorRef, RequestWork> _idle = [];
    private readonly Dictionary<Guid, InFlight> _inFlight = [];
    private readonly Dictionary<string, DateTimeOffset> _unknownSince = [];
    private readonly Dictionary<IActorRef, ImmutableArray<string>> _offers = [];
    private readonly EncodeQueueOptions _options;
    private readonly INodeDirectory _directory;
    private readonly TimeProvider _time;
    private long _queuedTokens;

    public EncodeQueueActor(EncodeQueueOptions options, INodeDirectory directory, TimeProvider time)
    {
        _options = options;
        _directory = directory;
        _time = time;
        Receive<ImmutableArray<EncodeItem>>(Enqueue);
        Receive<RequestWork>(request =>
        {
            _idle[Sender] = request;
            _offers[Sender] = request.Models;
            Context.Watch(Sender);
            Dispatch();
        });
        Receive<EncodeResult>(Complete);
        Receive<Terminated>(t =>
        {
            _idle.Remove(t.ActorRef);
            _offers.Remove(t.ActorRef);
            Requeue(f => f.Worker.Equals(t.ActorRef));
        });
        Receive<Sweep>(_ => OnSweep());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("sweep", Sweep.Instance, TimeSpan.FromSeconds(1));

    /// <summary>However it ends, nobody waits for ever.</summary>
    protected override void PostStop()
    {
        var stopped = Errors.Of("node_closed_exception", "the coordinator's encode queue was stopped: try again", 503);
        foreach (var item in _waiting.Concat(_inFlight.Values.SelectMany(f => f.Items)))
        {
            item.Done.TrySetException(stopped);
        }
    }

    private void Enqueue(ImmutableArray<EncodeItem> items)
    {
        var tokens = items.Sum(i => (long)i.Tokens);
        if (_queuedTokens > 0 && _queuedTokens + tokens > _options.MaxQueuedTokens)
        {
            var error = Errors.Overloaded($"{_queuedTokens} tokens wait for encoders already: send less at a time, or add encoder nodes");
            foreach (var item in items)
            {
                item.Done.TrySetException(error);
            }

            return;
        }

        foreach (var item in items)
        {
            _waiting.AddLast(item);
        }

        _queuedTokens += tokens;
        Dispatch();
    }

    private void Dispatch()
    {
        foreach (var (worker, request) in _idle.ToArray())
        {
            if (TakeBatch(request) is not { Length: > 0 } items)
            {
                continue;
            }

            _idle.Remove(worker);
            var batch = new EncodeBatch(Guid.NewGuid(), items[0].Model, items[0].Settings, [.. items.Select(i => i.Text)]);
            _inFlight.Add(batch.BatchId, new InFlight(worker, items, _time.GetUtcNow() + _options.Lease + (_options.LeasePerToken * items.Sum(i => (double)i.Tokens))));
            worker.Tell(batch);
        }
    }

    /// <summary>The oldest text that the worker has the model for, and others of that model and settings up to its credit.</summary>
    private EncodeItem[] TakeBatch(RequestWork request)
    {
        var batch = new List<EncodeItem>();
        var tokens = 0;
        for (var node = _waiting.First; node is not null && batch.Count < _options.MaxBatchTexts;)
        {
            var (item, next) = (node.Value, node.Next);
            var fits = batch.Count == 0
                ? request.Models.Contains(item.Model)
                : IsLike(item, batch[0]) && tokens + item.Tokens <= request.MaxTokens;
            if (fits)
            {
                batch.Add(item);
                tokens += item.Tokens;
                _waiting.Remove(node);
                _queuedTokens -= item.Tokens;
            }
            else if (batch.Count > 0 && IsLike(item, batch[0]))
            {
                break;
            }

            node = next;
        }

        return [.. batch];
    }

    private static bool IsLike(EncodeItem item, EncodeItem other) => item.Model == other.Model && item.Settings == other.Settings;

    private void Complete(EncodeResult result)
    {
        // A late answer under a lost lease: its texts are waiting or on their way a second time, and those answers count.
        if (_inFlight.GetValueOrDefault(result.BatchId) is not { } flight)
        {
            return;
        }

        if (result.Documents.Length == 0 || result.First < 0 || result.First > flight.Items.Length - result.Documents.Length)
        {
            Requeue(f => f == flight);
            return;
        }

        for (var i = 0; i < result.Documents.Length; i++)
        {
            flight.Items[result.First + i].Done.TrySetResult(result.Documents[i]);
        }

        // A part that is lost on the way is missed when the lease ends.
        flight.Answered += result.Documents.Length;
        if (flight.Answered >= flight.Items.Length)
        {
            _inFlight.Remove(result.BatchId);
        }
    }

    private void Requeue(Func<InFlight, bool> lost)
    {
        foreach (var (id, flight) in _inFlight.Where(f => lost(f.Value)).ToArray())
        {
            _inFlight.Remove(id);
            foreach (var item in flight.Items.Reverse().Where(i => !i.Done.Task.IsCompleted))
            {
                if (item.Losses + 1 >= _options.MaxLosses)
                {
                    item.Done.TrySetResult(new EncodedDocument([], 0, false, new ErrorInfo(
                        "exception", $"The text was given up: {_options.MaxLosses} encoder workers were lost while they encoded it.", 500)));
                    continue;
                }

                _waiting.AddFirst(item with { Losses = item.Losses + 1 });
                _queuedTokens += item.Tokens;
            }
        }

        Dispatch();
    }

    private void OnSweep()
    {
        var now = _time.GetUtcNow();
        foreach (var item in _inFlight.Values.SelectMany(f => f.Items).Where(i => i.Deadline <= now))
        {
            item.Done.TrySetException(Late(item.Model, "The encoder did not answer"));
        }

        Requeue(f => f.LeaseEnds <= now);

        // A worker offers what it can load; the directory has what is loaded.
        var known = _directory.Current.HasEncoder || _offers.Count > 0
            ? _directory.Current.Models.Select(m => m.Name).Concat(_offers.Values.SelectMany(o => o)).ToHashSet(StringComparer.Ordinal)
            : null;
        for (var node = _waiting.First; node is not null;)
        {
            var (item, next) = (node.Value, node.Next);
            var refusal = item.Deadline <= now
                ? known is null ? Errors.Timeout("No encoder node is in the cluster: start one with --roles encoder.") : Late(item.Model, "No encoder took the text")
                : UnknownForLong(item.Model, known, now) ? Errors.NoSuchModel(item.Model, known!) : null;
            if (refusal is not null)
            {
                _waiting.Remove(node);
                _queuedTokens -= item.Tokens;
                item.Done.TrySetException(refusal);
            }

            node = next;
        }
    }

    private SearchClusterException Late(string model, string what) => _directory.Current.IsLoading(model)
        ? Errors.ModelIsLoading(model)
        : Errors.Timeout($"{what} before the deadline: send less at a time, or add encoder nodes.");

    private bool UnknownForLong(string model, HashSet<string>? known, DateTimeOffset now)
    {
        if (known is null || known.Contains(model))
        {
            _unknownSince.Remove(model);
            return false;
        }

        _unknownSince.TryAdd(model, now);
        return now - _unknownSince[model] >= _options.UnknownModelGrace;
    }

    private sealed record InFlight(IActorRef Worker, EncodeItem[] Items, DateTimeOffset LeaseEnds)
    {
        public int Answered { get; set; }
    }

    private sealed class Sweep
    {
        public static readonly Sweep Instance = new();
    }
}
