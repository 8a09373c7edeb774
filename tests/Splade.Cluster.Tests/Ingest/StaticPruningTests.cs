using Splade.Cluster.Api;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Encoding;
using Splade.Index;

namespace Splade.Cluster.Tests.Ingest;

/// <summary>Weak features are left out before a document is journalled, or go to a field of their own.</summary>
public sealed class StaticPruningTests
{
    private static readonly StaticPruning Two = new() { MaxFeatures = 2, KeepRest = true };

    private static readonly Mapping Mapping = new(DynamicMapping.True, FieldMapping.EmptyFields
        .Add("v", new FieldMapping(FieldType.SparseVector) { StaticPruning = Two })
        .Add("s", new FieldMapping(FieldType.SemanticText) { InferenceId = "m", StaticPruning = Two with { KeepRest = false } })
        .Add("all", new FieldMapping(FieldType.SparseVector)));

    private static readonly IndexMetadata Index = new("i", "u", DateTimeOffset.UnixEpoch, 1, 1, 0, null, Mapping);

    [Fact]
    public void Vectors_given_and_encoded_keep_their_strongest_features()
    {
        var source = """{"v":{"a":1,"b":3,"c":2},"all":{"a":1,"b":3,"c":2},"s":"text"}"""u8.ToArray();
        var item = new WriteItem(new WriteOperation(WriteKind.Index, "i", "1", source), TimeProvider.System) { Source = source };
        item.Map(Mapping, int.MaxValue);
        item.AddVector(Index, item.Texts.ShouldHaveSingleItem(), new EncodedDocument([new FeatureWeight("x", 0.5f), new FeatureWeight("y", 1f), new FeatureWeight("z", 2f)], 3, false));
        var operation = item.ToShardOperation();
        Features(operation, "v").ShouldBe(["b", "c"]);
        Features(operation, "v#rest").ShouldBe(["a"]);
        Features(operation, "all").ShouldBe(["a", "b", "c"]);
        Features(operation, "s").ShouldBe(["y", "z"]);
        Features(operation, "s#rest").ShouldBeEmpty();
        operation.Source.ToArray().ShouldBe(source);
    }

    [Fact]
    public void Each_passage_is_pruned_by_itself_and_an_empty_one_is_none()
    {
        var source = """{"s":"text"}"""u8.ToArray();
        var item = new WriteItem(new WriteOperation(WriteKind.Index, "i", "1", source), TimeProvider.System) { Source = source };
        item.Map(Mapping, int.MaxValue);
        item.AddVector(Index, item.Texts.ShouldHaveSingleItem(), new EncodedDocument([], 9, false)
        {
            FurtherPassages = [[new FeatureWeight("x", 3f), new FeatureWeight("y", 1f), new FeatureWeight("z", 2f)], [], [new FeatureWeight("y", 1f)]],
        });
        var operation = item.ToShardOperation();
        operation.Fields.Select(f => f.Name).ShouldBe(["s", "s#passage2", "s#passages"]);
        Features(operation, "s").ShouldBe(["x", "z"]);
        Features(operation, "s#passage2").ShouldBe(["y"]);
        Features(operation, "s#passages").ShouldBe(["2"]);

        item.AddVector(Index, item.Texts.ShouldHaveSingleItem(), new EncodedDocument([], 9, false) { FurtherPassages = [[new FeatureWeight("x", float.NaN)]] });
        item.Error!.Reason.ShouldContain("not positive and finite");
    }

    [Fact]
    public void The_rest_and_what_was_kept_are_the_whole_vector()
    {
        using var writer = IndexWriter.Open([]);
        var field = new SparseField("v", [new FeatureWeight("a", 1f), new FeatureWeight("b", 3f), new FeatureWeight("c", 2f)]);
        writer.Index(new IndexDocument("pruned", 1, 0, default, [.. Two.Prune(field)]));
        using var reader = writer.Refresh();
        var query = new SparseVectorQuery("v", [new FeatureWeight("a", 10f), new FeatureWeight("b", 1f)]);
        reader.Search(query, 1).Hits.ShouldHaveSingleItem().Score.ShouldBe(3, 0.05);
        var whole = new SumQuery([query, query with { Field = StaticPruning.RestField("v") }]);
        var hit = reader.Search(whole, 1).Hits.ShouldHaveSingleItem();
        hit.Score.ShouldBe(13, 0.1);
        var explanation = reader.Explain(whole, "pruned")!;
        explanation.Score.ShouldBe(hit.Score);
        explanation.Contributions.Sum(c => c.Contribution).ShouldBe(hit.Score);
    }

    [Fact]
    public void The_name_of_a_rest_is_reserved() => Should.Throw<SearchClusterException>(
        () => DocumentMapper.Map("1", """{"v#rest":"x"}"""u8.ToArray(), Mapping)).Error.Reason.ShouldContain("[v#rest]");

    private static IEnumerable<string> Features(Protocol.Shards.ShardOperation operation, string field) =>
        operation.Fields.Where(f => f.Name == field).SelectMany(f => f.Features).Select(f => f.Feature).Order(StringComparer.Ordinal);
}
