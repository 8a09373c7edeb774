using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Splade.Cluster.Encoding;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Tests.Encoding;

/// <summary>Answers of encoders whose vectors are more than a frame, over remoting between two systems with the settings of every node.</summary>
public sealed class EncodeResultPartsTests : IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    // Long Chinese and short Latin pieces, of a large vocabulary.
    private static readonly string[] Names = [.. Enumerable.Range(0, 250_002).Select(i => i % 3 == 0 ? $"\u7ffb\u8bd1{i}" : $"p{i}")];
    private readonly ActorSystem _coordinator = Start();
    private readonly ActorSystem _encoder = Start();

    [Fact]
    public async Task A_batch_of_more_than_a_frame_travels_in_parts_and_only_the_text_that_is_one_itself_is_refused()
    {
        // 64 texts of 60,000 features (27 MB), one of 100 passages with every 25th piece of 250,002 (7 MB), one with every fifth (35 MB).
        EncodedDocument[] answers =
        [
            .. Enumerable.Range(0, 32).Select(i => Document(1, 60_000, i)),
            Document(100, 10_000, 0),
            Document(100, 50_000, 0),
            .. Enumerable.Range(0, 32).Select(i => Document(1, 60_000, i)),
        ];
        var results = await EncodeAsync(answers);
        results.Length.ShouldBe(answers.Length);
        for (var i = 0; i < answers.Length; i++)
        {
            if (i == 33)
            {
                results[i].Error.ShouldNotBeNull().Status.ShouldBe(413);
                results[i].Error!.Reason.ShouldContain("in 100 passages");
                results[i].Error!.Reason.ShouldContain("max_chunk_limit");
                continue;
            }

            results[i].Error.ShouldBeNull();
            results[i].Features.AsSpan().SequenceEqual(answers[i].Features.AsSpan()).ShouldBeTrue();
            results[i].FurtherPassages.Length.ShouldBe(answers[i].FurtherPassages.Length);
        }
    }

    [Fact]
    public async Task The_largest_text_that_is_not_refused_arrives()
    {
        // 7 bytes a feature, and each name once.
        var passages = Enumerable.Range(280, 30).Last(n => MessageSize.Of(Document(n, 5_000, 0)) <= MessageSize.Largest);
        var large = Document(passages, 5_000, 0);
        MessageSize.Of(large).ShouldBeGreaterThan(MessageSize.Largest - (64 * 1024));
        var result = (await EncodeAsync([large])).ShouldHaveSingleItem();
        result.Error.ShouldBeNull();
        result.FurtherPassages.Length.ShouldBe(passages - 1);
        (await EncodeAsync([Document(passages + 1, 5_000, 0)])).ShouldHaveSingleItem().Error!.Status.ShouldBe(413);
    }

    [Fact]
    public void Small_answers_are_one_message()
    {
        var id = Guid.NewGuid();
        var parts = EncodeResultParts.Of(id, id, [.. Enumerable.Range(0, 256).Select(i => Document(1, 200, i))]).ToArray();
        parts.ShouldHaveSingleItem().Documents.Length.ShouldBe(256);
        EncodeResultParts.Of(id, id, []).ShouldBeEmpty();
    }

    public void Dispose()
    {
        _coordinator.Dispose();
        _encoder.Dispose();
    }

    private static ActorSystem Start()
    {
        var node = ConfigurationFactory.ParseString("akka { loglevel = OFF, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }");
        return ActorSystem.Create("parts", node.WithFallback(ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster-config", "base.conf")))));
    }

    private static EncodedDocument Document(int passages, int features, int shift)
    {
        var step = Names.Length / features;
        ImmutableArray<FeatureWeight> vector = [.. Enumerable.Range(0, features).Select(i => new FeatureWeight(Names[((i * step) + shift) % Names.Length], 0.1f + i))];
        return new EncodedDocument(vector, 512, false) { Passages = passages, FurtherPassages = [.. Enumerable.Repeat(vector, passages - 1)], Fingerprint = new string('f', 32) };
    }

    private async Task<EncodedDocument[]> EncodeAsync(EncodedDocument[] answers)
    {
        var queue = _coordinator.ActorOf(Props.Create(() => new EncodeQueueActor(new EncodeQueueOptions(), new FakeDirectory { Current = FakeDirectory.Encoder("m") }, TimeProvider.System)));
        var worker = _encoder.ActorOf(Props.Create(() => new Worker(answers)));
        ImmutableArray<EncodeItem> items =
        [
            .. answers.Select(_ => new EncodeItem(
                "m", EncodingSettings.Default, "text", DateTimeOffset.UtcNow + TimeSpan.FromHours(1), new TaskCompletionSource<EncodedDocument>(TaskCreationOptions.RunContinuationsAsynchronously))),
        ];
        queue.Tell(items);
        var address = ((ExtendedActorSystem)_coordinator).Provider.DefaultAddress;
        worker.Tell(_encoder.ActorSelection(new RootActorPath(address) / queue.Path.Elements));
        return await Task.WhenAll(items.Select(i => i.Done.Task)).WaitAsync(Wait);
    }

    /// <summary>Asks a queue for work and answers as an encoder does.</summary>
    private sealed class Worker : ReceiveActor
    {
        public Worker(EncodedDocument[] answers)
        {
            Receive<ActorSelection>(queue => queue.Tell(new RequestWork(Guid.NewGuid(), int.MaxValue, ["m"])));
            Receive<EncodeBatch>(batch =>
            {
                foreach (var part in EncodeResultParts.Of(batch.BatchId, Guid.NewGuid(), answers))
                {
                    Sender.Tell(part);
                }
            });
        }
    }
}
