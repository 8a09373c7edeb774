using Splade.Tests;

namespace Splade.Encoding.Tests;

public sealed class ModelSummaryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_setting_that_is_switched_on_is_named()
    {
        var package = new TinyPackage(_folder.Path);
        package.Write("idf.json", """{"cat": 2.5}""");
        package.Write("neighbours.json", """{"cat": {"dog": 0.5}}""");
        package.Write("splade.json", """
            {
              "max_active_dims": 7, "zero_special_tokens": true,
              "document": {"prune_type": "max_ratio", "prune_ratio": 0.1, "expansion_weight": 0.5},
              "query": {
                "prune_type": "top_k", "prune_ratio": 3, "term_counts": true, "collection_idf": true, "collection_idf_share": 0.25, "collection_idf_from": 0.4,
                "pairs": {"first": 8, "count": 2, "share": 0.3}, "neighbours": {"count": 4, "weight": 0.2}
              }
            }
            """);
        ModelSummary.Read(package.Folder).Settings.ShouldBe(
        [
            "the 7 largest weights of every vector", "special tokens weigh nothing", "documents pruned by max_ratio 0.1", "expansion weight 0.5", "queries pruned by top_k 3",
            "query weights times the term's count", "query weights blended with the collection's idf, share 0.25, counted from weight 0.4 on",
            "4 neighbours of each query piece, weight 0.2", "2 dimensions for pairs of query pieces, share 0.3",
        ]);
    }

    [Fact]
    public void None_is_named_where_none_is_switched_on() => ModelSummary.Read(new TinyPackage(_folder.Path).Folder).Settings.ShouldBeEmpty();
}
