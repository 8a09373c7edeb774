using Akka.Actor;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Encoding;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;
using Splade.Tests;

namespace Splade.Cluster.Tests.Encoding;

public sealed class QueryEncoderActorTests : TestKit
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly ModelRegistry _models;

    public QueryEncoderActorTests() => _models = new ModelRegistry(_folder.Path);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_text_of_more_than_10_000_tokens_is_not_analyzed(bool asQuery)
    {
        var actor = Sys.ActorOf(Props.Create(() => new QueryEncoderActor(_models, TimeProvider.System)));
        var longest = Analyze(10_000);
        longest.Error.ShouldBeNull();
        longest.Tokens.Length.ShouldBe(10_000);
        longest.Expansion.ShouldContain(f => f.Feature == "bread");
        var refused = Analyze(10_001);
        (refused.Error!.Status, refused.Error.Type).ShouldBe((400, "illegal_argument_exception"));
        refused.Error.Reason.ShouldContain("is 10001, more than the maximum of 10000");
        refused.Tokens.ShouldBeEmpty();

        TextAnalyzed Analyze(int words)
        {
            var text = string.Join(' ', Enumerable.Repeat("bread", words));
            actor.Tell(new AnalyzeText(Guid.NewGuid(), ModelRegistry.DefaultModel, EncodingSettings.Default, text, asQuery, DateTimeOffset.UtcNow + Wait), TestActor);
            return ExpectMsg<TextAnalyzed>(Wait);
        }
    }

    [Fact]
    public void A_query_that_nobody_waits_for_any_more_is_not_encoded()
    {
        var actor = Sys.ActorOf(Props.Create(() => new QueryEncoderActor(_models, TimeProvider.System)));
        actor.Tell(new EncodeQuery(Guid.NewGuid(), ModelRegistry.DefaultModel, EncodingSettings.Default, "bread", DateTimeOffset.UtcNow - TimeSpan.FromSeconds(1)), TestActor);
        ExpectMsg<QueryEncoded>(Wait).Query.Error!.Status.ShouldBe(504);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _models.Dispose();
        _folder.Dispose();
    }
}
