using System.Globalization;
using System.Text.Json.Nodes;
using Splade.Cluster.Ingest;
using Splade.Node.Tests.Support;

namespace Splade.Node.Tests.Rest;

/// <summary>What is too long is refused by name, before it fills the memory.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("PUT", "/i/_doc/1")]
    [InlineData("POST", "/i/_update/1")]
    [InlineData("POST", "/_search")]
    [InlineData("PUT", "/i")]
    public async Task A_body_that_is_too_long_for_its_kind_is_413(string method, string target)
    {
        var body = $$"""{"a":"{{new string('x', IngestOptions.LargestDocument)}}"}""";
        (await _node.SendAsync(method, target, body)).ShouldBeError(413, "content_too_large_exception", "longer than");
        var chunked = await _node.SendAsync(method, target, body, "application/json", ("Transfer-Encoding", "chunked"));
        chunked.ShouldBeError(413, "content_too_large_exception", "longer than");
    }

    [Fact]
    public async Task A_source_line_that_is_too_long_fails_alone()
    {
        var body = $$$"""
            {"index":{"_index":"i","_id":"1"}}
            {"a":1}
            {"index":{"_index":"i","_id":"2"}}
            {"a":"{{{new string('x', IngestOptions.LargestDocument + 70_000)}}}"}
            {"index":{"_index":"i","_id":"3"}}
            {"a":"{{{new string('y', 100_000)}}}"}

            """;
        var answer = await _node.SendAsync("POST", "/_bulk", body, "application/x-ndjson");
        answer.Status.ShouldBe(200, answer.Text);
        answer.Json["items"]!.AsArray().Select(i => (int)i!["index"]!["status"]!).ShouldBe([201, 413, 201]);
        ((string)answer.Json["items"]![1]!["index"]!["error"]!["type"]!).ShouldBe("content_too_large_exception");
        ((string)answer.Json["items"]![1]!["index"]!["_id"]!).ShouldBe("2");
    }

    [Fact]
    public async Task Lines_of_every_length_arrive_whole()
    {
        // Around the sizes at which the reader fetches more.
        int[] lengths = [1, 65_500, 65_536, 131_000, 3, 200_000, 65_535, 7];
        var lines = lengths.SelectMany((length, i) => new[]
        {
            string.Create(CultureInfo.InvariantCulture, $$$"""{"index":{"_index":"i","_id":"{{{i}}}"}}"""), $$"""{"a":"{{new string((char)('a' + i), length)}}"}""",
        });
        var answer = await _node.SendAsync("POST", "/_bulk", string.Join('\n', lines) + "\n", "application/x-ndjson");
        answer.Json["errors"]!.GetValue<bool>().ShouldBeFalse(answer.Text);
        for (var i = 0; i < lengths.Length; i++)
        {
            var source = (await _node.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/i/_doc/{i}"))).Json["_source"]!;
            ((string)source["a"]!).ShouldBe(new string((char)('a' + i), lengths[i]));
        }
    }

    [Fact]
    public async Task An_action_line_that_is_too_long_is_named()
    {
        var body = $$$"""{"index":{"_index":"i","_id":"{{{new string('x', 70_000)}}}"}}""" + "\n{}\n";
        (await _node.SendAsync("POST", "/_bulk", body, "application/x-ndjson")).ShouldBeError(400, "illegal_argument_exception", "line [1]");
    }

    [Fact]
    public async Task A_mapping_of_too_many_fields_is_refused()
    {
        var fields = new JsonObject(Enumerable.Range(0, FieldLookup.MaxFields + 1).Select(i =>
            KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"f{i}"), (JsonNode?)new JsonObject { ["type"] = "keyword" })));
        var body = new JsonObject { ["mappings"] = new JsonObject { ["properties"] = fields } }.ToJsonString();
        (await _node.PutAsync("/many", body)).ShouldBeError(400, "illegal_argument_exception", "Limit of total fields [1000]");
        (await _node.GetAsync("/many")).Status.ShouldBe(404);
    }
}
