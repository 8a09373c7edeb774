using Akka.Actor;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Api;
using Splade.Cluster.Catalog;
using Splade.Cluster.Encoding;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Tests.Ingest;

/// <summary>Writes on one document keep their order, also for a client that sends again what was refused for now.</summary>
public sealed class WriteOrderTests : TestKit
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private static readonly IndexMetadata Index = new(
        "i", "uuid", DateTimeOffset.UnixEpoch, 1, 1, 0, null,
        Mapping.Empty with { Fields = FieldMapping.EmptyFields.Add("text", new FieldMapping(FieldType.SemanticText) { InferenceId = "m" }) });

    private readonly FakeDirectory _directory = new() { Current = FakeDirectory.Encoder("m") };
    private readonly CatalogView _catalog = new();

    public WriteOrderTests() => _catalog.Update(new CatalogSnapshot(1, "c", [Index], []));

    [Fact]
    public async Task A_text_that_no_encoder_takes_now_holds_back_later_writes_on_its_document_and_no_others()
    {
        var writing = Service(queuedTokens: 1, waiting: "fills the queue").WriteAsync(
            [Put("1", """{"text":"old"}"""), Delete("1"), Put("2", "{}")], RefreshPolicy.None, TimeSpan.FromSeconds(30), default);
        var batch = ExpectMsg<IndexBatch>(Wait);
        batch.Operations.ShouldHaveSingleItem().Id.ShouldBe("2");
        Acknowledge(batch);
        var results = await writing.WaitAsync(Wait);
        results.Select(r => r.Status).ShouldBe([429, 429, 201]);
        results[1].Error!.Reason.ShouldStartWith("[1] not carried out, because an earlier write on the document in the same request was refused: ");
    }

    [Fact]
    public async Task A_write_that_no_leader_takes_now_holds_back_an_update_of_its_document_which_would_go_alone()
    {
        var writing = Service().WriteAsync(
            [Put("1", "{}"), new WriteOperation(WriteKind.Update, "i", "1", """{"doc":{},"doc_as_upsert":true}"""u8.ToArray())],
            RefreshPolicy.None, TimeSpan.FromMilliseconds(200), default);
        while (!writing.IsCompleted)
        {
            // The leader is back just after the deadline of the first write.
            switch (ReceiveOne(TimeSpan.FromMilliseconds(100)))
            {
                case IndexBatch batch when batch.Operations[0].Source.Length == 2:
                    LastSender.Tell(new IndexBatchRefused(batch.Shard, batch.BatchId, new ErrorInfo("busy", "moving", 503)), TestActor);
                    break;
                case IndexBatch batch:
                    Acknowledge(batch);
                    break;
                case GetDocuments get:
                    LastSender.Tell(new Documents(get.Shard, get.RequestId, [null]), TestActor);
                    break;
            }
        }

        (await writing).Select(r => r.Status).ShouldBe([503, 503]);
    }

    [Fact]
    public async Task A_document_that_is_refused_for_good_does_not_stop_a_better_one()
    {
        var writing = Service().WriteAsync([Put("1", "[]"), Put("1", "{}")], RefreshPolicy.None, TimeSpan.FromSeconds(30), default);
        Acknowledge(ExpectMsg<IndexBatch>(Wait));
        (await writing.WaitAsync(Wait)).Select(r => r.Status).ShouldBe([400, 201]);
    }

    private static WriteOperation Put(string id, string source) => new(WriteKind.Index, "i", id, System.Text.Encoding.UTF8.GetBytes(source));

    private static WriteOperation Delete(string id) => new(WriteKind.Delete, "i", id, default);

    private WriteService Service(long queuedTokens = 1000, string? waiting = null)
    {
        var time = TimeProvider.System;
        var queue = Sys.ActorOf(Props.Create(() => new EncodeQueueActor(new EncodeQueueOptions { MaxQueuedTokens = queuedTokens }, _directory, time)));
        var encoding = new EncodingClient(Sys, queue, _directory, time);
        if (waiting is not null)
        {
            _ = encoding.EncodeDocumentsAsync([("m", Splade.Encoding.EncodingSettings.Default, waiting)], DateTimeOffset.UtcNow + TimeSpan.FromMinutes(5));
        }

        return new WriteService(
            new CatalogClient(ActorRefs.Nobody, _catalog, time), _catalog, encoding, new ShardWriter(TestActor, _catalog, time), new ShardReader(TestActor, _directory, time),
            new ShardMaintenance(TestActor, _directory, time), new IngestOptions(), time);
    }

    private void Acknowledge(IndexBatch batch) => LastSender.Tell(
        new IndexBatchAck(batch.Shard, batch.BatchId, [.. batch.Operations.Select((_, i) => new OperationResult(OperationOutcome.Created, 1, i))]), TestActor);
}
