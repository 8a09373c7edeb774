using Splade.Cluster.Api;
using Splade.Cluster.Ingest;

namespace Splade.Cluster.Tests.Ingest;

public sealed class UpdateBodyTests
{
    [Theory]
    [InlineData("""{"doc":{"b":{"y":2}}}""", """{"a":1,"b":{"x":1,"y":2}}""")]
    [InlineData("""{"doc":{"b":5,"c":"ё"}}""", """{"a":1,"b":5,"c":"ё"}""")]
    [InlineData("""{"doc":{"a":null}}""", """{"a":null,"b":{"x":1}}""")]
    [InlineData("""{"doc":{"a":1,"b":{"x":1}}}""", null)]
    [InlineData("""{"doc":{"a":1},"detect_noop":false}""", """{"a":1,"b":{"x":1}}""")]
    public void Objects_merge_and_all_else_is_replaced(string update, string? expected)
    {
        var changed = UpdateBody.Parse(Bytes(update)).Apply(Bytes("""{"a":1,"b":{"x":1}}"""));
        (changed is null ? null : System.Text.Encoding.UTF8.GetString(changed)).ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"dac":{}}""", "[dac]")]
    [InlineData("""{}""", "doc is missing")]
    [InlineData("""{"doc":1}""", "[doc]")]
    [InlineData("""{"doc":{},"doc":{}}""", "doc")]
    [InlineData("""{"doc":{},"doc_as_upsert":"yes"}""", "[doc_as_upsert]")]
    [InlineData("""[]""", "object")]
    [InlineData("""{""", "valid JSON")]
    public void A_malformed_update_is_refused_with_its_key(string update, string reason) =>
        Should.Throw<SearchClusterException>(() => UpdateBody.Parse(Bytes(update))).Error.Reason.ShouldContain(reason);

    private static byte[] Bytes(string json) => System.Text.Encoding.UTF8.GetBytes(json);
}
