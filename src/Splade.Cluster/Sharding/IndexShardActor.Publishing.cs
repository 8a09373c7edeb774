using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Splade.Cluster.Protocol.Shards;
using Splade.Index;

namespace Splade.Cluster.Sharding;

/// <summary>
/// Refresh, flush and merge. A flush: write and upload off the mailbox, then the event that names the files, then the snapshot (only the
/// manifest), then the journal up to what the manifest covers is deleted.
/// </summary>
internal sealed partial class IndexShardActor
{
    private const string PauseTimer = "pause";
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(100);
    private readonly List<(IActorRef Sender, Guid RequestId)> _flushRequests = [];

    /// <summary>Those whose writes the running flush covers.</summary>
    private readonly List<(IActorRef Sender, Guid RequestId)> _flushing = [];
    private readonly List<ImmutableArray<SegmentKeys>> _obsolete = [];
    private long _lastRefresh;
    private long _unflushedSince;
    private bool _publishing;

    private void ReadyToPublish()
    {
        Command<Tick>(_ => OnTick());
        Command<FlushShard>(flush =>
        {
            _flushRequests.Add((Sender, flush.RequestId));
            StartFlush();
        });
        Command<FlushWritten>(written =>
        {
            _publishing = false;
            Publish(_writer!.Complete(written.Job), written.CoveredSequenceNr, written.NextSeqNo, written.RecentBatches);
        });
        Command<MergeWritten>(written =>
        {
            _publishing = false;
            Publish(_writer!.Complete(written.Job), _manifest.CoveredSequenceNr, _manifest.NextSeqNo, _manifest.RecentBatches);
        });
        Command<JobFailed>(failed =>
        {
            _publishing = false;
            _log.Error(failed.Exception, "shard {0}: segments could not be published; the journal keeps the documents", _shard.DisplayName);
            failed.Abandon();

            // A full disk is not tried again ten times a second.
            Timers.StartSingleTimer(PauseTimer, Pause.Instance, _options.RetryAfter);
            Answer(_flushing, failed.Exception);
            StartRequestedFlush();
        });
        Command<Pause>(_ => { });
        Command<SaveSnapshotSuccess>(saved =>
        {
            // The tail after the covered number stays: recovery needs it.
            DeleteMessages(saved.Metadata.SequenceNr);
            DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
            DeleteObsoleteFiles();
        });
        Command<SaveSnapshotFailure>(f => _log.Warning(f.Cause, "shard {0}: the manifest's snapshot could not be saved; the journal stays longer", _shard.DisplayName));
        Command<DeleteMessagesFailure>(f => _log.Warning(f.Cause, "shard {0}: old events could not be deleted", _shard.DisplayName));
        Command<DeleteSnapshotsFailure>(f => _log.Warning(f.Cause, "shard {0}: old snapshots could not be deleted", _shard.DisplayName));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<FilesDeleted>(deleted =>
        {
            if (deleted.Exception is not null)
            {
                _log.Warning(deleted.Exception, "shard {0}: replaced segment files could not be deleted", _shard.DisplayName);
            }
        });
    }

    private void OnTick()
    {
        var interval = _services.Catalog.Current.Indices.FirstOrDefault(i => i.Uuid == _shard.IndexUuid)?.RefreshInterval;
        if (_dirty && interval is { } refresh && _services.Time.GetElapsedTime(_lastRefresh) >= refresh)
        {
            _lastRefresh = _services.Time.GetTimestamp();
            PublishReader();
        }

        FlushIfDue();
        if (!_publishing && !Timers.IsTimerActive(PauseTimer))
        {
            StartMerge();
        }
    }

    private void FlushIfDue()
    {
        if (Timers.IsTimerActive(PauseTimer))
        {
            return;
        }

        var writer = _writer!;
        if (writer.UnflushedOperations == 0)
        {
            _unflushedSince = 0;
            return;
        }

        if (_unflushedSince == 0)
        {
            _unflushedSince = _services.Time.GetTimestamp();
        }

        if (writer.MemoryBytes >= _options.FlushBytes || writer.UnflushedOperations >= _options.FlushOperations
            || _services.Time.GetElapsedTime(_unflushedSince) >= _options.FlushAge)
        {
            StartFlush();
        }
    }

    private void StartFlush()
    {
        if (_publishing)
        {
            return;
        }

        _flushing.AddRange(_flushRequests);
        _flushRequests.Clear();
        if (_writer!.BeginFlush() is not { } job)
        {
            Answer(_flushing, null);
            return;
        }

        _publishing = true;
        _unflushedSince = 0;
        var covered = LastSequenceNr;
        var (nextSeqNo, recent, token) = (_state.NextSeqNo, _state.RecentBatches, _stopped.Token);
        Task.Run(
            async () =>
            {
                await _files.PublishAsync(job.Run(_files.StagingFolder, token), token).ConfigureAwait(false);
                return (object)new FlushWritten(job, covered, nextSeqNo, recent);
            },
            CancellationToken.None).PipeTo(Self, failure: e => new JobFailed(e, () => _writer!.Abandon(job)));
    }

    private void StartMerge()
    {
        if (_writer!.BeginMerge() is not { } job)
        {
            return;
        }

        _publishing = true;
        var token = _stopped.Token;
        Task.Run(
            async () =>
            {
                await _files.PublishAsync(job.Run(_files.StagingFolder, token), token).ConfigureAwait(false);
                return (object)new MergeWritten(job);
            },
            CancellationToken.None).PipeTo(Self, failure: e => new JobFailed(e, () => _writer!.Abandon(job)));
    }

    private void Publish(ImmutableArray<SegmentFiles> files, long covered, long nextSeqNo, ImmutableArray<RecentBatch> recent) =>
        Persist(new ManifestPublished(covered, nextSeqNo, _files.Keys(files), recent), manifest =>
        {
            _obsolete.Add(_manifest.Segments);
            _manifest = manifest;
            PublishReader();

            // Under the covered number, not the newest: a recovery from this snapshot then replays the tail.
            var metadata = new SnapshotMetadata(PersistenceId, manifest.CoveredSequenceNr, _services.Time.GetUtcNow().UtcDateTime);
            Persistence.Instance.Apply(Context.System).SnapshotStoreFor(SnapshotPluginId).Tell(new SaveSnapshot(metadata, manifest));
            Answer(_flushing, null);
            StartRequestedFlush();
        });

    /// <summary>A flush that was asked for while files were published covers what was written until then.</summary>
    private void StartRequestedFlush()
    {
        if (_flushRequests.Count > 0)
        {
            StartFlush();
        }
    }

    private void DeleteObsoleteFiles()
    {
        var (before, now) = (_obsolete.SelectMany(s => s).Distinct().ToImmutableArray(), _manifest.Segments);
        _obsolete.Clear();
        _files.DeleteObsoleteAsync(before, now).PipeTo(Self, success: () => new FilesDeleted(null), failure: e => new FilesDeleted(e));
    }

    private void Answer(List<(IActorRef Sender, Guid RequestId)> requests, Exception? failure)
    {
        foreach (var (sender, requestId) in requests)
        {
            sender.Tell(new ShardDone(_shard, requestId, failure?.ToErrorInfo()));
        }

        requests.Clear();
    }

    private sealed record FlushWritten(FlushJob Job, long CoveredSequenceNr, long NextSeqNo, ImmutableArray<RecentBatch> RecentBatches);

    private sealed record MergeWritten(MergeJob Job);

    private sealed record JobFailed(Exception Exception, Action Abandon);

    private sealed record FilesDeleted(Exception? Exception);

    private sealed class Pause
    {
        public static readonly Pause Instance = new();
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
