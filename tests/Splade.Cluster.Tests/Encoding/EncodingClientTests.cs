using Akka.Actor;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Api;
using Splade.Cluster.Encoding;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Tests.Encoding;

public sealed class EncodingClientTests : TestKit
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private readonly FakeDirectory _directory = new() { Current = FakeDirectory.Encoder("m") };

    [Fact]
    public async Task A_query_has_its_own_lane_past_a_full_queue_of_documents()
    {
        var target = TestActor;
        Sys.ActorOf(Props.Create(() => new Forwarder(target)), QueryEncoderActor.Name);
        var queue = Sys.ActorOf(Props.Create(() => new EncodeQueueActor(new EncodeQueueOptions { MaxQueuedTokens = 10 }, _directory, TimeProvider.System)));
        var client = new EncodingClient(Sys, queue, _directory, TimeProvider.System);
        var deadline = DateTimeOffset.UtcNow + TimeSpan.FromMinutes(5);
        var waiting = client.EncodeDocumentsAsync([("m", EncodingSettings.Default, "waits")], deadline);
        var refused = await client.EncodeDocumentsAsync([("m", EncodingSettings.Default, new string('x', 100))], deadline).WaitAsync(Wait);
        refused.ShouldHaveSingleItem().Error!.Status.ShouldBe(429);

        var query = client.EncodeQueryAsync("m", EncodingSettings.Default, "cats", deadline, default);
        var asked = ExpectMsg<EncodeQuery>(Wait);
        asked.Text.ShouldBe("cats");
        LastSender.Tell(new QueryEncoded(asked.RequestId, new EncodedDocument([new FeatureWeight("cat", 1)], 1, false) { Fingerprint = "m" }), TestActor);
        (await query.WaitAsync(Wait)).Features.ShouldHaveSingleItem().Feature.ShouldBe("cat");
        waiting.IsCompleted.ShouldBeFalse();

        // The answer is remembered for the model.
        (await client.EncodeQueryAsync("m", EncodingSettings.Default, "cats", deadline, default).WaitAsync(Wait)).Features.Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("slow", 504, "is still being loaded")]
    [InlineData("absent", 404, "not found [absent]")]
    public async Task A_model_that_is_still_loading_at_the_deadline_of_a_query_is_no_missing_model(string model, int status, string reason)
    {
        _directory.Current = FakeDirectory.Loading("slow", "m");
        var client = new EncodingClient(Sys, TestActor, _directory, TimeProvider.System);
        var deadline = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(200);
        var error = (await Should.ThrowAsync<SearchClusterException>(
            () => client.EncodeQueryAsync(model, EncodingSettings.Default, "cats", deadline, default).WaitAsync(Wait))).Error;
        error.Status.ShouldBe(status);
        error.Reason.ShouldContain(reason);
    }

    [Fact]
    public async Task A_text_that_no_message_between_nodes_can_carry_is_413_and_is_not_sent()
    {
        var target = TestActor;
        Sys.ActorOf(Props.Create(() => new Forwarder(target)), QueryEncoderActor.Name);
        var client = new EncodingClient(Sys, TestActor, _directory, TimeProvider.System);
        var deadline = DateTimeOffset.UtcNow + TimeSpan.FromMinutes(5);

        // Of two bytes a character: bytes count.
        var tooLong = new string('ж', (int)(MessageSize.Largest / 2) + 1);
        Refused(await Should.ThrowAsync<SearchClusterException>(() => client.EncodeQueryAsync("m", EncodingSettings.Default, tooLong, deadline, default).WaitAsync(Wait)));
        Refused(await Should.ThrowAsync<SearchClusterException>(() => client.AnalyzeAsync("m", EncodingSettings.Default, tooLong, true, deadline, default).WaitAsync(Wait)));

        // One character less is sent.
        var longest = client.EncodeQueryAsync("m", EncodingSettings.Default, tooLong[1..], deadline, default);
        var asked = ExpectMsg<EncodeQuery>(Wait);
        asked.Text.Length.ShouldBe(tooLong.Length - 1);
        LastSender.Tell(new QueryEncoded(asked.RequestId, new EncodedDocument([], 1, false)), TestActor);
        (await longest.WaitAsync(Wait)).Error.ShouldBeNull();

        static void Refused(SearchClusterException refusal)
        {
            (refusal.Error.Status, refusal.Error.Type).ShouldBe((413, "illegal_argument_exception"));
            refusal.Error.Reason.ShouldContain($"more than the limit of {MessageSize.Largest}");
        }
    }
}
