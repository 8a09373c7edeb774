using Splade.Cluster.Api;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol.Catalog;
using Splade.Encoding;
using Splade.Encoding.Passages;
using Splade.Tests;

namespace Splade.Cluster.Tests.Ingest;

/// <summary>Text through the default model, the workers, a shard and back.</summary>
public sealed class SemanticFlowTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_text_is_found_by_its_words_with_the_models_name_in_the_mapping()
    {
        await using var node = await ClusterNode.StartAsync(
            new ClusterNodeOptions { NodeName = "test", Port = 0, DataFolder = _folder.Path }, TimeProvider.System, default);
        var cluster = node.Cluster!;
        var mapping = Mapping.Empty with { Fields = FieldMapping.EmptyFields.Add("text", new FieldMapping(FieldType.SemanticText)) };
        var (index, _) = await cluster.CreateIndexAsync(new CreateIndex(Guid.NewGuid(), "texts", 2, 0, null, mapping), Timeout, default);
        index.Mapping.Fields["text"].InferenceId.ShouldBe(ModelRegistry.DefaultModel);
        var absent = mapping with { Fields = mapping.Fields.SetItem("text", new FieldMapping(FieldType.SemanticText) { InferenceId = "absent" }) };
        (await Should.ThrowAsync<SearchClusterException>(() => cluster.CreateIndexAsync(new CreateIndex(Guid.NewGuid(), "other", 1, 0, null, absent), Timeout, default)))
            .Error.Reason.ShouldContain("[absent]");

        var results = await cluster.WriteAsync([Put("whales", "Whales sing under water."), Put("bread", "The baker sells warm bread.")], RefreshPolicy.Immediate, Timeout, default);
        results.ShouldAllBe(r => r.Status == 201);
        var found = await cluster.SearchAsync(new SearchRequest([index], new SemanticSearch("text", "bread from a baker"), 0, 10) { Explain = true }, default);
        found.Hits[0].Id.ShouldBe("bread");
        found.Hits[0].Explanation!.Contributions.ShouldNotBeEmpty();
        (await cluster.ExplainAsync(index, "bread", new SemanticSearch("text", "bread from a baker"), default))!.Score.ShouldBe(found.Hits[0].Score);
        var profiled = await cluster.SearchAsync(
            new SearchRequest([index], new SemanticSearch("text", "bread from a baker") { Approximation = new Approximation(0.5, null) }, 0, 10) { Profile = true, CountLimit = 0 }, default);
        profiled.Hits[0].ShouldBe(found.Hits[0] with { Explanation = null, Document = profiled.Hits[0].Document });
        profiled.Profiles.Length.ShouldBe(2);
        profiled.Profiles.Sum(p => p.Profile.Postings).ShouldBeGreaterThan(0);
        profiled.Profiles.ShouldAllBe(p => p.Node.Length > 0 && p.Profile.Description.Length > 0);

        SearchQuery[] queries = [new MatchAllSearch(), new SemanticSearch("text", "bread from a baker"), new SemanticSearch("text", "a text that no cache has")];
        foreach (var query in queries)
        {
            var late = await cluster.SearchAsync(new SearchRequest([index], query, 0, 10) { Timeout = TimeSpan.Zero }, default);
            (late.TimedOut, late.ShardsTotal, late.Hits.Length).ShouldBe((true, 2, 0));
            late.Failures.ShouldAllBe(f => f.Error.Type == "timeout_exception");
            var whole = new SearchRequest([index], query, 0, 10) { Timeout = TimeSpan.Zero, AllowPartialResults = false };
            (await cluster.SearchAsync(whole, default)).FailureOf(whole).ShouldBe("Partial shards failure");
        }

        (await cluster.AnalyzeAsync(ModelRegistry.DefaultModel, EncodingSettings.Default, "warm bread", false, default)).Expansion.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_long_text_is_found_by_its_best_passage_where_the_field_says_so()
    {
        await using var node = await ClusterNode.StartAsync(
            new ClusterNodeOptions { NodeName = "test", Port = 0, DataFolder = _folder.Path }, TimeProvider.System, default);
        var cluster = node.Cluster!;
        var chunking = ChunkingSettings.Parse("sentence", 16, null, 0, null, "passage");
        var semantic = new FieldMapping(FieldType.SemanticText) { Chunking = chunking };
        var mapping = Mapping.Empty with { Fields = FieldMapping.EmptyFields.Add("text", semantic).Add("whole", semantic with { Chunking = chunking with { Scoring = PassageScoring.Document } }) };
        var (index, _) = await cluster.CreateIndexAsync(new CreateIndex(Guid.NewGuid(), "texts", 2, 0, null, mapping), Timeout, default);

        // Both have the words, one of them in one passage.
        const string Filler = "The harbour was quiet and old men played cards there all day long. ";
        const string Scattered = "A baker came from the north with two horses and a wagon. " + Filler + "Nobody sells anything here when it rains for a week. " + Filler + "They say that bread was dear in those years.";
        const string Together = Filler + Filler + "The baker sells bread.";
        string[] texts = [Scattered, Together];
        var results = await cluster.WriteAsync(
            [.. texts.Select((t, i) => Put($"d{i}", t, t))], RefreshPolicy.Immediate, Timeout, default);
        results.ShouldAllBe(r => r.Status == 201);
        const string Query = "baker sells bread";
        var whole = await SearchAsync(new SemanticSearch("whole", Query));
        var best = await SearchAsync(new SemanticSearch("text", Query));
        best.Hits[0].Id.ShouldBe("d1");
        best.Total.ShouldBe(2);
        (best.Hits[0].Score / best.Hits[1].Score).ShouldBeGreaterThan(whole.Hits.Single(h => h.Id == "d1").Score / whole.Hits.Single(h => h.Id == "d0").Score);
        best.Hits[0].Explanation!.Score.ShouldBe(best.Hits[0].Score);
        best.Hits[0].Explanation!.Contributions.Select(c => c.Field).Distinct().ShouldBe(["text#passage3"]);
        best.Profiles.Sum(p => p.Profile.Postings).ShouldBeGreaterThan(0);

        // A text of one passage is where it would be without passages.
        (await cluster.WriteAsync([Put("d1", "Bread is warm.", "x")], RefreshPolicy.Immediate, Timeout, default))[0].Status.ShouldBe(200);
        var again = await SearchAsync(new SumSearch([new SemanticSearch("text", "bread"), new SemanticSearch("whole", Query)]));
        again.Hits.ShouldAllBe(h => Math.Abs(h.Explanation!.Score - h.Score) < 1e-9);
        again.Hits.Single(h => h.Id == "d1").Explanation!.Contributions.ShouldAllBe(c => c.Field == "text");

        Task<SearchResult> SearchAsync(SearchQuery query) => cluster.SearchAsync(new SearchRequest([index], query, 0, 10) { Explain = true, Profile = true }, default);
    }

    private static WriteOperation Put(string id, string text, string whole) =>
        new(WriteKind.Index, "texts", id, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { text, whole }));

    private static WriteOperation Put(string id, string text) =>
        new(WriteKind.Index, "texts", id, System.Text.Encoding.UTF8.GetBytes($"{{\"text\":\"{text}\"}}"));
}
