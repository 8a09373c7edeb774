using System.Collections.Immutable;
using Splade.Cluster.Api;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol.Catalog;
using Splade.Index;
using Splade.Tests;

namespace Splade.Cluster.Tests.Hosting;

/// <summary>Static pruning, sums and profiles of a real node, through a restart that replays the journal.</summary>
public sealed class PrunedFieldsTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private static readonly ImmutableArray<FeatureWeight> Vector = [new FeatureWeight("strong", 1f), new FeatureWeight("weak", 1f)];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_pruned_and_what_is_kept_survives_a_restart()
    {
        var pruned = new FieldMapping(FieldType.SparseVector) { StaticPruning = new StaticPruning { MaxFeatures = 1, KeepRest = true } };
        var mapping = new Mapping(DynamicMapping.True, FieldMapping.EmptyFields.Add("v", pruned).Add("w", new FieldMapping(FieldType.SparseVector)));
        var before = new List<(string Id, double Score)>();
        await using (var node = await StartAsync())
        {
            var (index, _) = await node.Cluster!.CreateIndexAsync(new CreateIndex(Guid.NewGuid(), "i", 2, 0, null, mapping), Timeout, default);
            var written = await node.Cluster.WriteAsync(
                [.. Enumerable.Range(0, 20).Select(i => new WriteOperation(
                    WriteKind.Index, "i", $"d{i}", System.Text.Encoding.UTF8.GetBytes($$$"""{"v":{"strong":{{{i + 2}}},"weak":1},"w":{"only":{{{i + 1}}}}}""")))],
                RefreshPolicy.Immediate,
                Timeout,
                default);
            written.ShouldAllBe(r => r.Status == 201);
            before.AddRange(await CheckAsync(node.Cluster, index));
        }

        await using var again = await StartAsync();
        var kept = again.Cluster!.Catalog.Indices.ShouldHaveSingleItem();
        kept.Mapping.Fields["v"].StaticPruning.ShouldBe(pruned.StaticPruning);
        (await CheckAsync(again.Cluster, kept)).ShouldBe(before);
    }

    private static async Task<(string Id, double Score)[]> CheckAsync(ISearchCluster cluster, IndexMetadata index)
    {
        var vector = new SparseVectorSearch("v", Vector);
        (await SearchAsync(vector)).Hits[0].Score.ShouldBe(21);
        (await SearchAsync(vector with { WholeVectors = true })).Hits[0].Score.ShouldBe(22);
        var sum = await SearchAsync(new SumSearch([vector with { WholeVectors = true, Boost = 2 }, new SparseVectorSearch("w", [new FeatureWeight("only", 1f)])]) { Boost = 3 });
        sum.Hits[0].Score.ShouldBe(3 * ((2 * 22) + 20));
        foreach (var hit in sum.Hits)
        {
            hit.Explanation!.Score.ShouldBe(hit.Score);
            hit.Explanation.Contributions.Sum(c => c.Contribution).ShouldBe(hit.Score, 1e-9);
            hit.Explanation.Contributions.Select(c => c.Field).Order(StringComparer.Ordinal).ShouldBe(["v", "v#rest", "w"]);
        }

        sum.Profiles.Length.ShouldBe(2);
        sum.Profiles.ShouldAllBe(p => p.Profile.QueryType == "SumQuery" && p.Profile.Postings > 0 && p.Profile.Blocks > 0 && p.Profile.End == SearchEnd.Exhausted);
        return [.. sum.Hits.Select(h => (h.Id, h.Score))];

        Task<SearchResult> SearchAsync(SearchQuery query) =>
            cluster.SearchAsync(new SearchRequest([index], query, 0, 20) { Explain = true, Profile = true }, default);
    }

    private Task<ClusterNode> StartAsync() =>
        ClusterNode.StartAsync(new ClusterNodeOptions { NodeName = "test", Port = 0, DataFolder = _folder.Path }, TimeProvider.System, default);
}
