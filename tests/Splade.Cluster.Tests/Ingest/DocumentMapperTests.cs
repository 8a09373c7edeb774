using System.Text;
using Splade.Cluster.Api;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Catalog;
using Splade.Index;

namespace Splade.Cluster.Tests.Ingest;

public sealed class DocumentMapperTests
{
    [Fact]
    public void Exact_values_have_one_form_whatever_way_they_are_written()
    {
        var mapping = Of(
            ("i", new FieldMapping(FieldType.Integer)), ("f", new FieldMapping(FieldType.Double)), ("b", new FieldMapping(FieldType.Boolean)),
            ("d", new FieldMapping(FieldType.Date)), ("k", new FieldMapping(FieldType.Keyword) { IgnoreAbove = 3 }), ("hidden", new FieldMapping(FieldType.Keyword) { Index = false }));
        var mapped = Map("""{"i":["7",7.0,-1],"f":[1e1,-0.0],"b":"true","d":["2020-01-01T00:00:00Z",1577836800000],"k":["abc","abcd",null],"hidden":"x"}""", mapping);
        Values(mapped, "i").ShouldBe(["7", "-1"], ignoreOrder: true);
        Values(mapped, "f").ShouldBe(["10", "0"], ignoreOrder: true);
        Values(mapped, "b").ShouldBe(["true"]);
        Values(mapped, "d").ShouldBe(["1577836800000"]);
        Values(mapped, "k").ShouldBe(["abc"]);
        Values(mapped, "hidden").ShouldBeEmpty();
        mapped.Mapping.ShouldBeSameAs(mapping);
    }

    [Fact]
    public void A_semantic_field_gets_its_own_text_and_the_copies_in_document_order()
    {
        var mapping = Of(
            ("title", new FieldMapping(FieldType.Text) { CopyTo = ["all"] }), ("n", new FieldMapping(FieldType.Integer) { CopyTo = ["all"] }),
            ("all", new FieldMapping(FieldType.SemanticText) { InferenceId = "m" }));
        var text = Map("""{"title":["one","two"],"all":"own","n":3}""", mapping).Texts.ShouldHaveSingleItem();
        text.ShouldBe(new SemanticText("all", "m", new FieldMapping(FieldType.SemanticText).Encoding, "one\ntwo\nown\n3"));
    }

    [Fact]
    public void Fields_that_copy_to_each_other_do_not_copy_for_ever()
    {
        var mapping = Of(
            ("a", new FieldMapping(FieldType.Keyword) { CopyTo = ["b"] }), ("b", new FieldMapping(FieldType.Keyword) { CopyTo = ["a"] }));
        var mapped = Map("""{"a":"x","b":"y"}""", mapping);
        Values(mapped, "a").ShouldBe(["x", "y"], ignoreOrder: true);
        Values(mapped, "b").ShouldBe(["x", "y"], ignoreOrder: true);
    }

    [Fact]
    public void Features_may_have_any_name_and_several_vectors_keep_the_larger_weight()
    {
        var vector = Map("""{"v":[{"5.0k":1,"a":2},{"a":3,"ключ":0.5}]}""", Of(("v", new FieldMapping(FieldType.SparseVector)))).Fields.ShouldHaveSingleItem();
        vector.Features.ShouldBe([new FeatureWeight("5.0k", 1), new FeatureWeight("a", 3), new FeatureWeight("ключ", 0.5f)], ignoreOrder: true);
    }

    [Theory]
    [InlineData("""{"v":{"x":0}}""", "[x]")]
    [InlineData("""{"v":{"x":-1}}""", "[x]")]
    [InlineData("""{"v":{"x":1e999}}""", "[x]")]
    [InlineData("""{"v":{"x":1e-60}}""", "[x]")]
    [InlineData("""{"v":{"x":"1"}}""", "[x]")]
    [InlineData("""{"v":{"":1}}""", "name")]
    [InlineData("""{"v":"text"}""", "[v]")]
    [InlineData("""{"i":"many"}""", "failed to parse field [i] of type [integer] in document with id 'id'")]
    [InlineData("""{"i":2147483648}""", "out of range")]
    [InlineData("""{"i":{"x":1}}""", "an object")]
    [InlineData("""{"d":"2020-13-01"}""", "date")]
    [InlineData("""{"b":"yes"}""", "true")]
    [InlineData("""{"i":1,"i":2}""", "valid JSON")]
    [InlineData("""{"k":"\ud800"}""", "id")]
    [InlineData("""{"i":1""", "valid JSON")]
    [InlineData("""[1]""", "an array")]
    [InlineData("""{"":1}""", "empty name")]
    public void What_does_not_fit_is_refused_with_its_place(string json, string reason)
    {
        var mapping = Of(
            ("v", new FieldMapping(FieldType.SparseVector)), ("i", new FieldMapping(FieldType.Integer)), ("d", new FieldMapping(FieldType.Date)),
            ("b", new FieldMapping(FieldType.Boolean)), ("k", new FieldMapping(FieldType.Keyword)));
        var error = Should.Throw<SearchClusterException>(() => Map(json, mapping)).Error;
        error.Type.ShouldBe("document_parsing_exception");
        error.Status.ShouldBe(400);
        error.Reason.ShouldContain(reason);
    }

    [Fact]
    public void Invalid_utf8_is_refused_even_where_nothing_is_indexed()
    {
        byte[] json = [.. "{\"x\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        var mapping = Mapping.Empty with { Dynamic = DynamicMapping.False };
        Should.Throw<SearchClusterException>(() => DocumentMapper.Map("id", json, mapping)).Error.Reason.ShouldContain("UTF-8");
    }

    [Fact]
    public void Depth_is_bounded_in_objects_in_arrays_and_in_dotted_names()
    {
        Refused($"{Repeat("{\"a\":", 60)}1{Repeat("}", 60)}").ShouldContain("nested deeper");
        Refused($"{{\"a\":{Repeat("[", 5000)}{Repeat("]", 5000)}}}").ShouldContain("JSON");
        Refused($"{{\"{Repeat("a.", 200_000)}a\":1}}").ShouldContain("nested deeper");

        static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();
    }

    [Fact]
    public void Terms_and_dynamic_fields_are_bounded()
    {
        Should.Throw<SearchClusterException>(() => Map($"{{\"k\":\"{new string('x', 40_000)}\"}}", Of(("k", new FieldMapping(FieldType.Keyword)))))
            .Error.Reason.ShouldContain("ignore_above");
        Should.Throw<SearchClusterException>(() => Map($"{{\"v\":{{\"{new string('x', 40_000)}\":1}}}}", Of(("v", new FieldMapping(FieldType.SparseVector)))))
            .Error.Reason.ShouldContain("the name of a feature of 40000 bytes is longer than the limit of 32766: shorten it");
        Refused($"{{{string.Join(",", Enumerable.Range(0, 1500).Select(i => $"\"f{i}\":{i}"))}}}").ShouldContain("Limit of total fields [1000]");
    }

    [Fact]
    public void Dynamic_mapping_finds_types_and_dotted_paths()
    {
        var fields = Map("""{"t":"words","l":1,"f":1.5,"b":true,"d":"2020-01-02","o.p":{"q":[null,2]},"none":null,"empty":[]}""", Mapping.Empty).Mapping.Fields;
        fields.Keys.ShouldBe(["b", "d", "f", "l", "o", "t"]);
        fields["t"].Type.ShouldBe(FieldType.Text);
        fields["t"].SubFields["keyword"].IgnoreAbove.ShouldBe(256);
        fields["o"].Properties["p"].Properties["q"].Type.ShouldBe(FieldType.Long);
        (fields["l"].Type, fields["f"].Type, fields["b"].Type, fields["d"].Type).ShouldBe((FieldType.Long, FieldType.Float, FieldType.Boolean, FieldType.Date));
        Map("""{"x":1}""", Mapping.Empty with { Dynamic = DynamicMapping.False }).Mapping.Fields.ShouldBeEmpty();
        Should.Throw<SearchClusterException>(() => Map("""{"o":{"x":1}}""", Mapping.Empty with { Dynamic = DynamicMapping.Strict }))
            .Error.Type.ShouldBe("strict_dynamic_mapping_exception");
    }

    private static string Refused(string json) => Should.Throw<SearchClusterException>(() => Map(json, Mapping.Empty)).Error.Reason;

    private static MappedDocument Map(string json, Mapping mapping) => DocumentMapper.Map("id", System.Text.Encoding.UTF8.GetBytes(json), mapping);

    private static IEnumerable<string> Values(MappedDocument mapped, string field) =>
        mapped.Fields.Where(f => f.Name == field).SelectMany(f => f.Features).Select(f => f.Feature);

    private static Mapping Of(params (string Name, FieldMapping Field)[] fields) =>
        fields.Aggregate(Mapping.Empty, (mapping, f) => mapping with { Fields = mapping.Fields.Add(f.Name, f.Field) });
}
