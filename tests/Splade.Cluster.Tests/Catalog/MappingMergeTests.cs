using Splade.Cluster.Api;
using Splade.Cluster.Catalog;
using Splade.Cluster.Protocol.Catalog;
using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;

namespace Splade.Cluster.Tests.Catalog;

public sealed class MappingMergeTests
{
    private static readonly FieldMapping Semantic = new(FieldType.SemanticText) { InferenceId = "m" };

    [Fact]
    public void Settings_of_encoding_change_one_by_one_and_what_is_not_given_stays()
    {
        var top = new PruneSettings(PruneType.TopK, 100);
        var ratio = new PruneSettings(PruneType.MaxRatio, 0.1f);
        var field = Merge(Semantic with { Pruning = top, QueryPruning = ratio }, Semantic with { Chunking = ChunkingSettings.None });
        field.Pruning.ShouldBe(top);
        field.QueryPruning.ShouldBe(ratio);
        field.Chunking.ShouldBe(ChunkingSettings.None);
        Merge(field, Semantic with { Pruning = ratio }).Pruning.ShouldBe(ratio);
        Merge(field, Semantic).ShouldBeSameAs(field);
        Merge(field, field).ShouldBeSameAs(field);
        field.Encoding.Chunking.ShouldBe(ChunkingSettings.None);
        Semantic.Encoding.Chunking.ShouldBe(ChunkingSettings.Default);
    }

    [Fact]
    public void Type_and_model_do_not_change()
    {
        Should.Throw<SearchClusterException>(() => Merge(Semantic, new FieldMapping(FieldType.Text))).Error.Reason.ShouldContain("mapper [f] cannot be changed");
        Should.Throw<SearchClusterException>(() => Merge(Semantic, Semantic with { InferenceId = "other" })).Error.Reason.ShouldContain("inference_id");
    }

    [Fact]
    public void Passages_that_have_a_vector_each_stay_findable()
    {
        var document = ChunkingSettings.Default;
        var passage = document with { Scoring = PassageScoring.Passage };
        Merge(Semantic, Semantic with { Chunking = passage }).HasPassages.ShouldBeTrue();
        var field = Semantic with { Chunking = passage };
        Merge(field, Semantic).ShouldBeSameAs(field);
        Merge(field, Semantic with { Chunking = passage with { MaxChunkSize = 100 } }).Chunking!.MaxChunkSize.ShouldBe(100);
        foreach (var other in new[] { document, ChunkingSettings.None })
        {
            Should.Throw<SearchClusterException>(() => Merge(field, Semantic with { Chunking = other })).Error.Reason.ShouldContain("[scoring]");
        }
    }

    private static FieldMapping Merge(FieldMapping field, FieldMapping added) => MappingMerge.Merge(Of(field), Of(added)).Fields["f"];

    private static Mapping Of(FieldMapping field) => Mapping.Empty with { Fields = FieldMapping.EmptyFields.Add("f", field) };
}
