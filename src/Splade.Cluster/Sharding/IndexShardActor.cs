using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Nodes;
using Splade.Cluster.Protocol.Shards;
using Splade.Index;

namespace Splade.Cluster.Sharding;

/// <summary>
/// The leader of one index shard: the only writer of its journal and its index. Acknowledged means journalled. Recovery is the newest manifest,
/// its segments and the journal after it. The journal's unique sequence numbers fence a second leader.
/// Flushing and merging are in IndexShardActor.Publishing.cs.
/// </summary>
internal sealed partial class IndexShardActor : ReceivePersistentActor, IWithTimers
{
    /// <summary>
    /// How long the reason of a failure stands after the shard has stopped to try again: coordinators start it within seconds where it still belongs to this
    /// node.
    /// </summary>
    private static readonly TimeSpan StandsFor = TimeSpan.FromSeconds(30);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ShardId _shard;
    private readonly IndexShardServices _services;
    private readonly IndexShardOptions _options;
    private readonly ShardFiles _files;
    private readonly CancellationTokenSource _stopped = new();
    private readonly List<(long SequenceNr, DocumentsIndexed Event)> _tail = [];
    private ManifestPublished _manifest = new(0, 0, [], []);
    private IndexWriter? _writer;
    private IndexShardState _state;
    private (IActorRef Sender, Guid BatchId)? _persisting;
    private bool _dirty;

    /// <summary>Why the last try to open the shard failed, until one succeeds.</summary>
    private ErrorInfo? _problem;
    private ShardStatus? _published;

    public IndexShardActor(string entityId, IndexShardServices services)
    {
        _shard = ShardId.Parse(entityId);
        _services = services;
        _options = services.Options;
        _files = new ShardFiles(services.Store, _shard, services.Time);
        _state = new IndexShardState(_options, _ => null, services.Time);
        _problem = services.OpenFailures.ProblemOf(_shard);

        // Without the name of the index, which may be longer than the journal's column.
        PersistenceId = "shard-" + _shard.StorePrefix;
        Recover<SnapshotOffer>(offer => _manifest = (ManifestPublished)offer.Snapshot);
        Recover<ManifestPublished>(manifest =>
        {
            _manifest = manifest;
            _tail.RemoveAll(t => t.SequenceNr <= manifest.CoveredSequenceNr);
        });
        Recover<DocumentsIndexed>(e => _tail.Add((LastSequenceNr, e)));
        Recover<RecoveryCompleted>(_ => Open());
        Become(Opening);
    }

    public override string PersistenceId { get; }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        base.PreStart();
        PublishStatus(_problem is null ? ShardState.Opening : ShardState.Failed, _problem?.Reason);
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        if (_services.OpenFailures.ProblemOf(_shard) is null)
        {
            _services.Registry.Remove(_shard);
        }
        else
        {
            RemoveLater(_services, _published!);
        }

        // A background job may still read the writer's segments: they are reference-counted.
        _writer?.Dispose();
        _stopped.Dispose();
        base.PostStop();
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        // The base class stops the actor: after a failed write nobody knows what the journal holds, recovery does. The sender repeats its batch, and
        // should know why (a full disk, a database that is away) when its time is up.
        _log.Error(cause, "shard {0}: the journal refused event {1}; the shard stops and recovers", _shard.DisplayName, sequenceNr);
        if (_persisting is var (sender, batchId))
        {
            sender.Tell(new IndexBatchRefused(_shard, batchId, Errors.Of("unavailable_shards_exception", $"the journal failed: {cause.Message}", 503).Error));
        }

        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        _log.Error(reason, "shard {0}: recovery failed", _shard.DisplayName);
        base.OnRecoveryFailure(reason, message);
    }

    /// <summary>The shard may not come back: meanwhile it may have been given to another node.</summary>
    private static void RemoveLater(IndexShardServices services, ShardStatus last) => Task.Delay(StandsFor, services.Time).ContinueWith(
        _ => services.Registry.RemoveUnlessNewer(last), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void Open()
    {
        var manifest = _manifest;
        var tail = _tail.Select(t => t.Event).ToImmutableArray();
        _tail.Clear();
        var token = _stopped.Token;
        Task.Run(
            async () =>
            {
                var writer = IndexWriter.Open(await _files.FetchAsync(manifest.Segments, token).ConfigureAwait(false), _options.Writer);
                try
                {
                    var state = new IndexShardState(_options, writer.Find, _services.Time) { NextSeqNo = manifest.NextSeqNo };
                    foreach (var batch in manifest.RecentBatches)
                    {
                        state.Remember(batch);
                    }

                    foreach (var indexed in tail)
                    {
                        state.Apply(indexed);
                        ApplyToWriter(writer, indexed);
                    }

                    await _files.DeleteOrphansAsync(manifest.Segments, _options.OrphanAge, token).ConfigureAwait(false);
                    return (object)new Opened(writer, state);
                }
                catch
                {
                    writer.Dispose();
                    throw;
                }
            },
            token).PipeTo(Self, failure: exception => new OpenFailed(exception));
    }

    private void Opening()
    {
        Command<Opened>(opened =>
        {
            _writer = opened.Writer;
            _state = opened.State;
            _problem = null;
            _services.OpenFailures.Forget(_shard);
            PublishReader();
            Timers.StartPeriodicTimer("tick", Tick.Instance, TickInterval);
            Become(Ready);
            Stash.UnstashAll();
        });
        Command<OpenFailed>(failed =>
        {
            _problem = Errors.Opening(failed.Exception);
            var pause = _services.OpenFailures.Next(_shard, _problem, _options.RetryAfter);
            _log.Error(failed.Exception, "shard {0} can't be opened, and is tried again in {1:0} s: {2}", _shard.DisplayName, pause.TotalSeconds, _problem.Reason);
            PublishStatus(ShardState.Failed, _problem.Reason);
            Timers.StartSingleTimer("retry", Retry.Instance, pause);
            Become(Failed);
            Stash.UnstashAll();
        });
        Command<StopIndexShard>(_ => HandOver());
        if (_problem is not null)
        {
            Refuse();
        }

        CommandAny(_ => Stash.Stash());
    }

    /// <summary>The shard can't be opened: says so, and tries again by starting anew.</summary>
    private void Failed()
    {
        Command<Retry>(_ => Context.Stop(Self));
        Command<StopIndexShard>(_ => HandOver());
        Refuse();
        Command<DropShard>(Drop);
    }

    /// <summary>What the next node finds is its own matter.</summary>
    private void HandOver()
    {
        _services.OpenFailures.Forget(_shard);
        Context.Stop(Self);
    }

    /// <summary>Whoever wants something of the shard is told why it can't be opened.</summary>
    private void Refuse()
    {
        Command<IndexBatch>(batch => Sender.Tell(new IndexBatchRefused(_shard, batch.BatchId, _problem!)));
        Command<RefreshShard>(m => Sender.Tell(new ShardDone(_shard, m.RequestId, _problem)));
        Command<FlushShard>(m => Sender.Tell(new ShardDone(_shard, m.RequestId, _problem)));
        Command<StartShard>(m => Sender.Tell(new ShardDone(_shard, m.RequestId, _problem)));
        Command<GetDocuments>(m => Sender.Tell(new ShardDone(_shard, m.RequestId, _problem)));
    }

    private void Ready()
    {
        Command<IndexBatch>(Index);
        Command<GetDocuments>(Get);
        Command<RefreshShard>(refresh =>
        {
            RefreshIfDirty();
            Sender.Tell(new ShardDone(_shard, refresh.RequestId));
        });
        Command<StartShard>(start => Sender.Tell(new ShardDone(_shard, start.RequestId)));
        Command<DropShard>(Drop);
        Command<StopIndexShard>(_ => Context.Stop(Self));
        ReadyToPublish();
    }

    private void Index(IndexBatch batch)
    {
        if (_state.AnswerOf(batch.BatchId) is { } known)
        {
            Sender.Tell(new IndexBatchAck(_shard, batch.BatchId, known));
            return;
        }

        // It has waited in a mailbox or a buffer of the region: its sender does not, and what is newer may be here already.
        if (batch.Deadline <= _services.Time.GetUtcNow())
        {
            Sender.Tell(new IndexBatchRefused(_shard, batch.BatchId, Errors.Timeout("The write came after its deadline and was not begun: try again, and check the clocks of the nodes.").Error));
            return;
        }

        // A late batch for an index that was deleted must not bring it back; one for an index that this node has not heard of yet is repeated.
        if (!_services.Catalog.Current.Indices.Any(i => i.Uuid == _shard.IndexUuid))
        {
            Sender.Tell(new IndexBatchRefused(_shard, batch.BatchId, Errors.NoSuchIndex(_shard.Index).Error));
            return;
        }

        // Before the journal: an event that the writer refuses could never be replayed.
        if (IndexShardState.FindFault(batch) is { } fault)
        {
            Sender.Tell(new IndexBatchRefused(_shard, batch.BatchId, new ErrorInfo("illegal_argument_exception", fault, 400)));
            return;
        }

        var sender = Sender;
        _persisting = (sender, batch.BatchId);
        Persist(_state.Decide(batch), indexed =>
        {
            _persisting = null;
            var results = _state.Apply(indexed);
            ApplyToWriter(_writer!, indexed);
            _dirty = true;
            sender.Tell(new IndexBatchAck(_shard, indexed.BatchId, results));
            FlushIfDue();
        });
    }

    private static void ApplyToWriter(IndexWriter writer, DocumentsIndexed indexed)
    {
        foreach (var operation in indexed.Operations)
        {
            switch (operation.Outcome)
            {
                case OperationOutcome.Created or OperationOutcome.Updated:
                    writer.Index(new IndexDocument(operation.Id, operation.Version, operation.SeqNo, operation.Source, operation.Fields));
                    break;
                case OperationOutcome.Deleted:
                    writer.Delete(operation.Id);
                    break;
            }
        }
    }

    private void Get(GetDocuments get)
    {
        var found = ImmutableArray.CreateBuilder<StoredDocument?>();
        var bytes = 0;
        foreach (var id in get.Ids)
        {
            var document = _writer!.Get(id);
            bytes += document?.Source.Length ?? 0;
            if (found.Count > 0 && bytes > _options.AnswerBytes)
            {
                break;
            }

            found.Add(document);
        }

        Sender.Tell(new Documents(_shard, get.RequestId, found.ToImmutable()));
    }

    private void RefreshIfDirty()
    {
        if (_dirty)
        {
            PublishReader();
        }
    }

    private void PublishReader()
    {
        _dirty = false;
        PublishStatus(ShardState.Started, null, _writer!.Refresh());
    }

    private void PublishStatus(ShardState state, string? problem, IndexReader? reader = null)
    {
        _published = new ShardStatus(
            _shard,
            state,
            reader?.DocumentCount ?? 0,
            reader?.DeletedCount ?? 0,
            reader?.SizeInBytes ?? 0,
            reader?.SegmentCount ?? 0,
            _writer?.UnflushedOperations ?? 0,
            problem)
        {
            MappedBytes = reader?.MappedBytes ?? 0,
        };
        _services.Registry.Publish(_published, reader);
    }

    private void Drop(DropShard drop)
    {
        var sender = Sender;
        _services.Registry.Remove(_shard);
        _services.OpenFailures.Forget(_shard);
        var gone = Errors.NoSuchIndex(_shard.Index);
        Answer(_flushRequests, gone);
        Answer(_flushing, gone);
        if (!_publishing)
        {
            DeleteEverything(drop, sender);
            return;
        }

        // A flush or merge could still publish a file after all others were deleted: it is told to end, and waited for.
        _stopped.Cancel();
        Become(() =>
        {
            Command<FlushWritten>(_ => DeleteEverything(drop, sender));
            Command<MergeWritten>(_ => DeleteEverything(drop, sender));
            Command<JobFailed>(_ => DeleteEverything(drop, sender));
            Command<StopIndexShard>(_ => Context.Stop(Self));
            CommandAny(_ => { });
        });
    }

    private void DeleteEverything(DropShard drop, IActorRef sender)
    {
        DeleteMessages(LastSequenceNr);
        DeleteSnapshots(SnapshotSelectionCriteria.Latest);
        _files.DeleteAllAsync().PipeTo(Self, success: () => new Dropped(null), failure: e => new Dropped(e));
        var waiting = 3;
        ErrorInfo? error = null;
        Become(() =>
        {
            Command<DeleteMessagesSuccess>(_ => Done(null));
            Command<DeleteMessagesFailure>(f => Done(f.Cause));
            Command<DeleteSnapshotsSuccess>(_ => Done(null));
            Command<DeleteSnapshotsFailure>(f => Done(f.Cause));
            Command<Dropped>(d => Done(d.Exception));
            Command<StopIndexShard>(_ => Context.Stop(Self));
            CommandAny(_ => { });
        });

        void Done(Exception? exception)
        {
            error ??= exception?.ToErrorInfo();
            if (--waiting == 0)
            {
                sender.Tell(new ShardDone(_shard, drop.RequestId, error));
                Context.Stop(Self);
            }
        }
    }

    private sealed record Opened(IndexWriter Writer, IndexShardState State);

    private sealed record OpenFailed(Exception Exception);

    private sealed record Dropped(Exception? Exception);

    private sealed class Retry
    {
        public static readonly Retry Instance = new();
    }
}
