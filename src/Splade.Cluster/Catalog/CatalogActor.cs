using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Catalog;

/// <summary>
/// The cluster singleton that decides about indices: persists an event, answers, tells every node the new catalog. A repeated command gets the
/// answer of the first.
/// </summary>
internal sealed class CatalogActor : ReceivePersistentActor
{
    public const string Id = "catalog";

    private const int EventsPerSnapshot = 100;
    private const int RememberedAnswers = 200;

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly TimeProvider _time;
    private readonly HashSet<IActorRef> _subscribers = [];
    private readonly Dictionary<Guid, object> _answers = [];
    private readonly Queue<Guid> _answerOrder = new();
    private CatalogState _state = CatalogState.Empty;

    public CatalogActor(TimeProvider time)
    {
        _time = time;
        Recover<SnapshotOffer>(offer => _state = CatalogState.Of((CatalogSnapshot)offer.Snapshot));
        Recover<IJournalEvent>(e => _state = _state.Apply(e));
        Recover<RecoveryCompleted>(_ =>
        {
            if (_state.ClusterUuid.Length == 0)
            {
                Persist(new CatalogFounded(ShortId.New()), Changed);
            }
        });
        Command<ICatalogCommand>(Handle);
        Command<ShardDropped>(dropped =>
        {
            if (_state.Dropped.Contains(dropped.Shard))
            {
                Persist(new ShardDropConfirmed(dropped.Shard), Changed);
            }
        });
        Command<SubscribeToCatalog>(Subscribe);
        Command<Terminated>(t => _subscribers.Remove(t.ActorRef));
        Command<SaveSnapshotSuccess>(s =>
        {
            DeleteMessages(s.Metadata.SequenceNr);
            DeleteSnapshots(new SnapshotSelectionCriteria(s.Metadata.SequenceNr - 1));
        });
        Command<SaveSnapshotFailure>(f => _log.Warning(f.Cause, "the catalog's snapshot could not be saved; its journal stays longer"));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteMessagesFailure>(f => _log.Warning(f.Cause, "old events of the catalog could not be deleted"));
        Command<DeleteSnapshotsFailure>(f => _log.Warning(f.Cause, "old snapshots of the catalog could not be deleted"));
    }

    public override string PersistenceId => Id;

    private void Handle(ICatalogCommand command)
    {
        if (_answers.TryGetValue(command.RequestId, out var answer))
        {
            Sender.Tell(answer);
            return;
        }

        try
        {
            var sender = Sender;
            if (_state.Decide(command, _time) is { } decided)
            {
                Persist(decided, e =>
                {
                    Changed(e);
                    Answer(sender, command, Accepted(e));
                });
            }
            else
            {
                Answer(sender, command, new CatalogAccepted(command.RequestId, _state.Version, Existing(command)));
            }
        }
        catch (SearchClusterException refusal)
        {
            Answer(Sender, command, new CatalogRefused(command.RequestId, refusal.Error));
        }

        CatalogAccepted Accepted(IJournalEvent e) => new(command.RequestId, _state.Version, e switch
        {
            IndexCreated created => created.Index,
            IndexChanged changed => changed.Index,
            _ => null,
        });

        IndexMetadata? Existing(ICatalogCommand c) => c switch
        {
            CreateIndex create => _state.Indices.GetValueOrDefault(create.Name),
            ExtendMapping extend => _state.Indices.GetValueOrDefault(extend.Name),
            _ => null,
        };
    }

    private void Answer(IActorRef sender, ICatalogCommand command, object answer)
    {
        sender.Tell(answer);
        _answers[command.RequestId] = answer;
        _answerOrder.Enqueue(command.RequestId);
        if (_answerOrder.Count > RememberedAnswers)
        {
            _answers.Remove(_answerOrder.Dequeue());
        }
    }

    private void Changed(IJournalEvent e)
    {
        _state = _state.Apply(e);
        var snapshot = _state.ToSnapshot();
        foreach (var subscriber in _subscribers)
        {
            subscriber.Tell(snapshot);
        }

        if (LastSequenceNr % EventsPerSnapshot == 0)
        {
            SaveSnapshot(snapshot);
        }
    }

    private void Subscribe(SubscribeToCatalog subscribe)
    {
        if (_subscribers.Add(Sender))
        {
            Context.Watch(Sender);
        }

        if (_state.ClusterUuid.Length > 0 && subscribe.KnownVersion < _state.Version)
        {
            Sender.Tell(_state.ToSnapshot());
        }
    }
}
