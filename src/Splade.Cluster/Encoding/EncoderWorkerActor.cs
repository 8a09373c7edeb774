using Akka.Actor;
using Akka.Cluster;
using Splade.Cluster.Membership;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;
using Splade.Encoding.Caching;

namespace Splade.Cluster.Encoding;

/// <summary>
/// On encoder nodes: asks every coordinator's queue for work when it has none, encodes one batch at a time off the mailbox. A text that fails
/// does not take its neighbours with it.
/// </summary>
internal sealed class EncoderWorkerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly Guid _id = Guid.NewGuid();
    private readonly Queue<(EncodeBatch Batch, IActorRef From)> _batches = new();
    private readonly ModelRegistry _models;
    private readonly EncoderRoleOptions _options;
    private readonly EncodedTextCache _cache;
    private bool _busy;

    public EncoderWorkerActor(ModelRegistry models, EncodedTextCache cache, EncoderRoleOptions options)
    {
        _models = models;
        _cache = cache;
        _options = options;
        Receive<EncodeBatch>(batch =>
        {
            _batches.Enqueue((batch, Sender));
            Next();
        });
        Receive<Encoded>(done =>
        {
            foreach (var part in EncodeResultParts.Of(done.BatchId, _id, done.Documents))
            {
                done.From.Tell(part);
            }

            _busy = false;
            Next();
        });
        Receive<AskForWork>(_ => Next());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("ask", AskForWork.Instance, TimeSpan.Zero, AskAgain);

    private void Next()
    {
        if (_busy)
        {
            return;
        }

        if (!_batches.TryDequeue(out var work))
        {
            var request = new RequestWork(_id, _options.BatchTokens, _models.List());
            foreach (var member in _cluster.State.Members.Where(m => m.Status == MemberStatus.Up && m.HasRole(NodeRoles.Coordinator)))
            {
                Context.ActorSelection(new RootActorPath(member.Address) / "user" / EncodeQueueActor.Name).Tell(request);
            }

            return;
        }

        _busy = true;

        // A thread of its own for so long: those of the pool are few, and queries wait for them.
        var id = work.Batch.BatchId;
        Task.Factory.StartNew(() => new Encoded(id, Encode(work.Batch), work.From), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .PipeTo(Self, failure: e => new Encoded(id, Failed(work.Batch, e), work.From));
    }

    private static EncodedDocument[] Failed(EncodeBatch batch, Exception exception)
    {
        var error = exception.ToModelError();
        return [.. batch.Texts.Select(_ => new EncodedDocument([], 0, false, error))];
    }

    private EncodedDocument[] Encode(EncodeBatch batch)
    {
        ModelUse model;
        try
        {
            model = _models.Use(batch.Model);
        }
        catch (Exception exception)
        {
            return Failed(batch, exception);
        }

        using var use = model;
        var encoder = use.Encoder;
        try
        {
            var texts = _cache.EncodeDocuments(encoder, batch.Texts, batch.Settings, CancellationToken.None);
            return [.. texts.Select(t => t.ToDocument(encoder))];
        }
        catch (Exception)
        {
            return [.. batch.Texts.Select(t => EncodeAlone(encoder, t, batch.Settings))];
        }
    }

    private static EncodedDocument EncodeAlone(ISparseEncoder encoder, string text, EncodingSettings settings)
    {
        try
        {
            return encoder.EncodeDocuments([text], settings, CancellationToken.None)[0].ToDocument(encoder);
        }
        catch (Exception exception)
        {
            return new EncodedDocument([], 0, false, exception.ToModelError());
        }
    }

    private sealed record Encoded(Guid BatchId, EncodedDocument[] Documents, IActorRef From);

    private sealed class AskForWork
    {
        public static readonly AskForWork Instance = new();
    }
}
