using Akka.Actor;
using Akka.TestKit.Xunit2;
using Splade.Cluster.Api;
using Splade.Cluster.Encoding;
using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Search;
using Splade.Encoding.Passages;
using Splade.Index;

namespace Splade.Cluster.Tests.Search;

public sealed class QueryBinderTests : TestKit
{
    private static readonly IndexMetadata Index = new(
        "i", "u", DateTimeOffset.UnixEpoch, 1, 1, 0, null,
        new Mapping(DynamicMapping.True, FieldMapping.EmptyFields
            .Add("k", new FieldMapping(FieldType.Keyword)).Add("n", new FieldMapping(FieldType.Integer)).Add("d", new FieldMapping(FieldType.Date))
            .Add("v", new FieldMapping(FieldType.SparseVector))
            .Add("w", new FieldMapping(FieldType.SparseVector) { StaticPruning = new StaticPruning { MaxFeatures = 2, KeepRest = true } })
            .Add("s", new FieldMapping(FieldType.SemanticText) { StaticPruning = new StaticPruning { MaxFeatures = 2, KeepRest = true }, Chunking = ChunkingSettings.Default with { Scoring = PassageScoring.Passage } })
            .Add("p", new FieldMapping(FieldType.SparseVector) { StaticPruning = new StaticPruning { MaxFeatures = 2 } }).Add("t", new FieldMapping(FieldType.Text))));

    [Theory]
    [InlineData("k", "Any value", "Any value")]
    [InlineData("n", "7.0", "7")]
    [InlineData("d", "1970-01-01T00:00:01Z", "1000")]
    [InlineData("v", "5.0k", "5.0k")]
    public async Task A_term_looks_for_the_form_that_documents_have(string field, string value, string feature)
    {
        var query = (await BindAsync(new TermSearch(field, value) { Boost = 2 })).ShouldBeOfType<SparseVectorQuery>();
        query.Features.ShouldBe([new FeatureWeight(feature, 1)]);
        query.Boost.ShouldBe(2);
    }

    [Fact]
    public async Task An_unmapped_field_matches_nothing()
    {
        (await BindAsync(new TermSearch("absent", "x"))).ShouldBeOfType<MatchNoneQuery>();
        (await BindAsync(new SemanticSearch("absent", "x"))).ShouldBeOfType<MatchNoneQuery>();
        (await BindAsync(new SparseVectorSearch("k.absent", [new FeatureWeight("a", 1)]))).ShouldBeOfType<MatchNoneQuery>();
    }

    [Fact]
    public async Task A_query_that_does_not_fit_its_field_is_refused_with_the_field()
    {
        (await RefusedAsync(new SparseVectorSearch("k", [new FeatureWeight("a", 1)]))).ShouldBe("[k] must be type [sparse_vector] but is type [keyword]");
        (await RefusedAsync(new SparseVectorSearch("v", [new FeatureWeight("a", float.NaN)]))).ShouldContain("[a]");
        (await RefusedAsync(new SparseVectorSearch("v", [new FeatureWeight("a", 3e38f)]) { Boost = 3e38f })).ShouldContain("boost");
        (await RefusedAsync(new SparseInferenceSearch("v", null, "x"))).ShouldContain("inference_id");
        (await RefusedAsync(new SemanticSearch("v", "x"))).ShouldContain("[semantic_text]");
        (await RefusedAsync(new TermSearch("t", "x"))).ShouldContain("[t.keyword]");
        (await RefusedAsync(new TermSearch("n", "many"))).ShouldContain("many");
        (await RefusedAsync(new MatchAllSearch { Boost = -1 })).ShouldContain("boost");
    }

    [Fact]
    public async Task A_sum_becomes_one_pass_over_its_clauses()
    {
        var vector = new SparseVectorSearch("v", [new FeatureWeight("a", 1)]) { Boost = 3 };
        var inner = new SumSearch([vector, new TermSearch("k", "x")]) { Boost = 2 };
        var sum = (await BindAsync(new SumSearch([inner, new TermSearch("absent", "x"), vector]) { Boost = 5 })).ShouldBeOfType<SumQuery>();
        sum.Boost.ShouldBe(5);
        sum.Clauses.Select(c => (c.Field, c.Boost)).ShouldBe([("v", 6f), ("k", 2f), ("v", 3f)]);
        (await BindAsync(new SumSearch([new MatchNoneSearch()]))).ShouldBeOfType<MatchNoneQuery>();
        (await RefusedAsync(new SumSearch([new MatchAllSearch()]))).ShouldContain("[should]");
    }

    [Fact]
    public async Task What_static_pruning_left_out_is_searched_when_asked_for()
    {
        var search = new SparseVectorSearch("w", [new FeatureWeight("a", 1)]) { Boost = 3 };
        (await BindAsync(search)).ShouldBeOfType<SparseVectorQuery>().Field.ShouldBe("w");
        (await BindAsync(search with { WholeVectors = true })).ShouldBeOfType<SumQuery>().Clauses.Select(c => (c.Field, c.Boost)).ShouldBe([("w", 3f), ("w#rest", 3f)]);
        (await BindAsync(search with { WholeVectors = true, Field = "v" })).ShouldBeOfType<SparseVectorQuery>();
        (await RefusedAsync(search with { WholeVectors = true, Field = "p" })).ShouldContain("[keep_rest]");
    }

    [Fact]
    public async Task Fields_with_passages_are_named_once_around_the_whole_query()
    {
        var search = new SparseVectorSearch("s", [new FeatureWeight("a", 1)]) { Boost = 3 };
        var one = (await BindAsync(search)).ShouldBeOfType<BestPassageQuery>();
        one.Query.ShouldBeOfType<SparseVectorQuery>().Boost.ShouldBe(3);
        one.Fields.ShouldBe(["s"]);
        (await BindAsync(new TermSearch("s", "a"))).ShouldBeOfType<BestPassageQuery>();
        var sum = (await BindAsync(new SumSearch([search with { WholeVectors = true }, search, new TermSearch("k", "x")]))).ShouldBeOfType<BestPassageQuery>();
        sum.Fields.ShouldBe(["s"]);
        sum.Query.ShouldBeOfType<SumQuery>().Clauses.Select(c => c.Field).ShouldBe(["s", "s#rest", "s", "k"]);
        (await BindAsync(new MatchAllSearch())).ShouldBeOfType<MatchAllQuery>();
    }

    private static async Task<string> RefusedAsync(SearchQuery query)
    {
        var error = (await Should.ThrowAsync<SearchClusterException>(() => BindWithAsync(query, null!))).Error;
        error.Status.ShouldBe(400);
        return error.Reason;
    }

    private Task<Query> BindAsync(SearchQuery query) =>
        BindWithAsync(query, new EncodingClient(Sys, ActorRefs.Nobody, new FakeDirectory(), TimeProvider.System));

    private static Task<Query> BindWithAsync(SearchQuery query, EncodingClient encoding) =>
        new QueryBinder(encoding, null!).BindAsync(query, Index, DateTimeOffset.MaxValue, default);
}
