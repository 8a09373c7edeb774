using Splade.Cluster.Api;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Search;
using Splade.Encoding;
using Splade.Encoding.Passages;
using Splade.Tests;

namespace Splade.Cluster.Tests.Search;

public sealed class CollectionStatisticsTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_weight_is_multiplied_by_the_root_of_the_idf_ratio()
    {
        var idf = Math.Log(1 + ((100 - 7 + 0.5) / 7.5));
        CollectionStatistics.Blend(3f, 2f, 100, 7, 1f).ShouldBe((float)(3 * idf / 2), 1e-6f);
        CollectionStatistics.Blend(3f, 2f, 100, 7, 0f).ShouldBe(3f);
        CollectionStatistics.Blend(3f, 2f, 100, 7, 0.5f).ShouldBe((float)(3 * Math.Sqrt(idf / 2)), 1e-6f);
        CollectionStatistics.Blend(3f, 2f, 100, 1, 0.5f).ShouldBeGreaterThan(CollectionStatistics.Blend(3f, 2f, 100, 50, 0.5f));

        // A term that no document has, or that is not in the shipped table, keeps its weight; one that every document has keeps a little.
        CollectionStatistics.Blend(3f, 2f, 100, 0, 0.5f).ShouldBe(3f);
        CollectionStatistics.Blend(3f, 0f, 100, 7, 0.5f).ShouldBe(3f);
        CollectionStatistics.Blend(3f, 2f, 100, 100, 0.5f).ShouldBeInRange(0.001f, 0.5f);
    }

    [Fact]
    public async Task Any_number_of_shards_gives_the_same_scores_and_deleted_documents_do_not_count()
    {
        // "common" is in every document that stays, "rare" in one; the shipped idf has it the other way round.
        await using var node = await StartAsync();
        var cluster = node.Cluster!;
        var scores = new List<(string Id, float Score)[]>();
        foreach (var shards in (int[])[1, 3])
        {
            var name = $"i{shards}";
            var mapping = Mapping.Empty with
            {
                Fields = FieldMapping.EmptyFields.Add("text", new FieldMapping(FieldType.SemanticText) { InferenceId = "blended" }),
            };
            var (index, _) = await cluster.CreateIndexAsync(new CreateIndex(Guid.NewGuid(), name, shards, 0, null, mapping), Timeout, default);
            var writes = Enumerable.Range(0, 40).Select(i => Put(name, $"d{i}", i % 2 == 0 ? $"whales and ships number {i}" : $"{(i == 7 ? "volcano" : "bread")} and ships {i}"));
            (await cluster.WriteAsync([.. writes], RefreshPolicy.Immediate, Timeout, default)).ShouldAllBe(r => r.Status == 201);
            var gone = Enumerable.Range(0, 40).Where(i => i % 2 == 0).Select(i => new WriteOperation(WriteKind.Delete, name, $"d{i}", default));
            (await cluster.WriteAsync([.. gone], RefreshPolicy.Immediate, Timeout, default)).ShouldAllBe(r => r.Status == 200);
            var found = await cluster.SearchAsync(new SearchRequest([index], new SemanticSearch("text", "whales ships volcano"), 0, 100) { Explain = true }, default);
            found.Total.ShouldBe(20);
            found.Hits[0].Id.ShouldBe("d7");
            scores.Add([.. found.Hits.Select(h => (h.Id, (float)h.Score))]);
        }

        scores[1].ShouldBe(scores[0]);
    }

    [Fact]
    public async Task Passages_scored_one_by_one_count_as_documents_do()
    {
        await using var node = await StartAsync();
        var cluster = node.Cluster!;

        // More than half of 32 tokens each, so that a passage is a sentence.
        string[] sentences =
        [
            .. Enumerable.Range(0, 12).Select(i => $"{(i % 3 == 0 ? "Whales" : "Bread")} and {(i == 7 ? "volcano" : "ships")} appear near the quiet harbour of our old fishing town every sunny morning, day {i}."),
        ];
        var answers = new List<SearchResult>();
        foreach (var together in (bool[])[false, true])
        {
            var name = together ? "passages" : "documents";
            var field = new FieldMapping(FieldType.SemanticText) { InferenceId = "blended", Chunking = ChunkingSettings.Parse("sentence", 32, null, 0, null, "passage") };
            var mapping = Mapping.Empty with { Fields = FieldMapping.EmptyFields.Add("text", field) };
            var (index, _) = await cluster.CreateIndexAsync(new CreateIndex(Guid.NewGuid(), name, 2, 0, null, mapping), Timeout, default);
            string[] texts = together ? [.. sentences.Chunk(4).Select(s => string.Join(' ', s))] : sentences;
            (await cluster.WriteAsync([.. texts.Select((t, i) => Put(name, $"d{i}", t))], RefreshPolicy.Immediate, Timeout, default)).ShouldAllBe(r => r.Status == 201);
            answers.Add(await cluster.SearchAsync(new SearchRequest([index], new SemanticSearch("text", "whales ships volcano"), 0, 100) { Explain = true }, default));
        }

        answers[1].Total.ShouldBe(3);
        answers[1].Hits[0].Score.ShouldBe(answers[0].Hits[0].Score);
        Weights(answers[1]).ShouldBe(Weights(answers[0]));

        static IEnumerable<(string, float)> Weights(SearchResult result) =>
            result.Hits[0].Explanation!.Contributions.Select(c => (c.Feature, c.QueryWeight));
    }

    private Task<ClusterNode> StartAsync()
    {
        var model = Path.Combine(_folder.Path, "models", "blended");
        CopyFolder(Path.Combine(AppContext.BaseDirectory, "models", ModelRegistry.DefaultModel), model);
        File.WriteAllText(Path.Combine(model, "splade.json"), """{"query":{"term_counts":true,"collection_idf":true,"collection_idf_from":0.4},"max_tokens":1024}""");
        return ClusterNode.StartAsync(new ClusterNodeOptions { NodeName = "test", Port = 0, DataFolder = _folder.Path }, TimeProvider.System, default);
    }

    private static WriteOperation Put(string index, string id, string text) =>
        new(WriteKind.Index, index, id, System.Text.Encoding.UTF8.GetBytes($"{{\"text\":\"{text}\"}}"));

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
