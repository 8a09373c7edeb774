using System.Text.Json.Nodes;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Node.Tests.Support;

namespace Splade.Node.Tests.Rest;

public sealed class BulkTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Every_action_has_its_result_in_order()
    {
        var answer = await Bulk("/_bulk?refresh=true", """
            {"index":{"_index":"i","_id":"1"}}
            {"a":1}
            {"create":{"_index":"i","_id":2}}
            {"a":2}

            {"update":{"_index":"i","_id":"1","retry_on_conflict":3}}
            {"doc":{"b":1}}
            {"delete":{"_index":"i","_id":"2"}}
            {"delete":{"_index":"i","_id":"9"}}
            {"create":{"_index":"i","_id":"1"}}
            {"a":3}
            {"index":{"_index":"j"}}
            {}

            """);
        answer.Status.ShouldBe(200, answer.Text);
        answer.Json["errors"]!.GetValue<bool>().ShouldBeTrue();
        answer.Json["took"]!.GetValue<long>().ShouldBeGreaterThanOrEqualTo(0);
        var items = Items(answer);
        items.Select(i => i.Action).ShouldBe(["index", "create", "update", "delete", "delete", "create", "index"]);
        items.Select(i => (int)i.Item["status"]!).ShouldBe([201, 201, 200, 200, 404, 409, 201]);
        items.Select(i => (string?)i.Item["result"]).ShouldBe(["created", "created", "updated", "deleted", "not_found", null, "created"]);
        ((string)items[1].Item["_id"]!).ShouldBe("2");
        items[0].Item["forced_refresh"]!.GetValue<bool>().ShouldBeTrue();
        ((string)items[5].Item["error"]!["type"]!).ShouldBe("version_conflict_engine_exception");
    }

    [Fact]
    public async Task A_bad_source_line_fails_only_its_item()
    {
        byte[] invalid = [.. "{\"index\":{\"_id\":\"4\"}}\n{\"a\":\""u8, 0xff, .. "\"}\n"u8];
        byte[] body =
        [
            .. """
               {"index":{"_id":"1"}}
               {"a":1}
               {"index":{"_id":"2"}}
               {"a":
               {"index":{"_id":"3"}}
               [1]

               """u8,
            .. invalid,
            .. System.Text.Encoding.UTF8.GetBytes("{\"index\":{\"_id\":\"5\"}}\n" + string.Concat(Enumerable.Repeat("{\"a\":", 99)) + "1" + new string('}', 99) + "\n"),
            .. """
               {"index":{"_id":""}}
               {}
               {"update":{"_id":"1"}}
               {"dac":{}}
               {"index":{"_index":"BAD","_id":"7"}}
               {}
               {"index":{"_id":"8"}}
               {"a":8}

               """u8,
        ];
        var answer = await _node.SendAsync("POST", "/i/_bulk", body, "application/x-ndjson");
        answer.Status.ShouldBe(200, answer.Text);
        Items(answer).Select(i => (int)i.Item["status"]!).ShouldBe([201, 400, 400, 400, 400, 400, 400, 400, 201]);
        Items(answer).Select(i => (string?)i.Item["error"]?["type"]).ShouldBe(
        [
            null, "document_parsing_exception", "document_parsing_exception", "x_content_parse_exception", "document_parsing_exception",
            "illegal_argument_exception", "x_content_parse_exception", "invalid_index_name_exception", null,
        ]);
        (await _node.GetAsync("/i/_doc/8")).Status.ShouldBe(200);
        (await _node.GetAsync("/i/_doc/2")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("{\"index\":{}}\n{}", "illegal_argument_exception", "must be terminated by a newline")]
    [InlineData("{\"delete\":{\"_id\":\"1\"}}", "illegal_argument_exception", "must be terminated by a newline")]
    [InlineData("{\"index\":{}}\n{}\n{\"index\":\n{}\n", "illegal_argument_exception", "Malformed action/metadata line [3]")]
    [InlineData("\"index\"\n", "illegal_argument_exception", "Malformed action/metadata line [1], expected START_OBJECT")]
    [InlineData("{\"upsert\":{}}\n{}\n", "illegal_argument_exception", "but found [upsert]")]
    [InlineData("{\"index\":{\"_type\":\"t\"}}\n{}\n", "illegal_argument_exception", "line [1] contains an unknown parameter [_type]")]
    [InlineData("{\"index\":{\"routing\":\"t\"}}\n{}\n", "illegal_argument_exception", "[routing], which is not supported")]
    [InlineData("{\"index\":{\"pipeline\":\"t\"}}\n{}\n", "illegal_argument_exception", "[pipeline], which is not supported")]
    [InlineData("{\"delete\":{}}\n", "action_request_validation_exception", "id is missing")]
    [InlineData("{\"index\":{}}\n", "illegal_argument_exception", "line [1] has no source line")]
    [InlineData("\n", "action_request_validation_exception", "no requests added")]
    [InlineData("", "parse_exception", "request body is required")]
    public async Task A_malformed_request_is_refused_as_a_whole(string body, string type, string reason)
    {
        (await Bulk("/i/_bulk", body)).ShouldBeError(400, type, reason);
        _node.Cluster.Batches.ShouldBeEmpty();
    }

    [Fact]
    public async Task Index_of_the_line_wins_and_one_is_needed()
    {
        var answer = await Bulk("/i/_bulk", "{\"index\":{\"_index\":\"j\",\"_id\":\"1\"}}\r\n{}\r\n{\"index\":{\"_id\":\"1\"}}\r\n{}\r\n");
        Items(answer).Select(i => (string)i.Item["_index"]!).ShouldBe(["j", "i"]);
        (await Bulk("/_bulk", "{\"index\":{}}\n{}\n")).ShouldBeError(400, "action_request_validation_exception", "index is missing");
        ((int)Items(await Bulk("/i/_bulk?require_alias", "{\"index\":{}}\n{}\n"))[0].Item["status"]!).ShouldBe(404);
    }

    [Fact]
    public async Task A_long_request_is_written_in_batches_and_answered_in_order()
    {
        var text = new string('x', 1000);
        var body = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{{\"index\":{{\"_id\":\"{i}\"}}}}\n{{\"a\":\"{text}\"}}\n"));
        var answer = await Bulk("/i/_bulk?refresh=true&filter_path=errors,items.*._id", body);
        answer.Json["errors"]!.GetValue<bool>().ShouldBeFalse();
        Items(answer).Select(i => (string)i.Item["_id"]!).ShouldBe(Enumerable.Range(0, 10_000).Select(i => $"{i}"));
        _node.Cluster.Batches.Count.ShouldBeGreaterThan(2);
        ((int)(await _node.GetAsync("/i/_count")).Json["count"]!).ShouldBe(10_000);
        var cut = (await Bulk("/i/_bulk", body + "{\"bad\":{}}\n")).ShouldBeError(400, "illegal_argument_exception", "Malformed action/metadata line [20001]");
        cut.Reason.ShouldContain("were carried out");
    }

    [Fact]
    public async Task Overload_is_429_of_the_items()
    {
        _node.Cluster.WriteFailure = new SearchClusterException(new ErrorInfo("es_rejected_execution_exception", "queue full", 429));
        var answer = await Bulk("/i/_bulk", "{\"index\":{}}\n{}\n{\"index\":{}}\n{\n");
        answer.Status.ShouldBe(200);
        Items(answer).Select(i => (int)i.Item["status"]!).ShouldBe([429, 400]);
        (await _node.PutAsync("/i/_doc/1", "{}")).ShouldBeError(429, "es_rejected_execution_exception", "queue full");
    }

    [Fact]
    public async Task After_a_refusal_later_actions_on_the_document_are_refused_also_in_later_batches()
    {
        _node.Cluster.Refusal = o => o.Kind == WriteKind.Index && o.Id == "1" ? new ErrorInfo("unavailable_shards_exception", "moving", 503) : null;
        var text = new string('x', 3_000_000);
        var answer = await Bulk(
            "/i/_bulk?filter_path=items.*.status,items.*.error.reason",
            $$$"""
              {"index":{"_id":"1"}}
              {"a":"{{{text}}}"}
              {"index":{"_id":"2"}}
              {"a":"{{{text}}}"}
              {"delete":{"_id":"1"}}
              {"delete":{"_id":"2"}}

              """);
        Items(answer).Select(i => (int)i.Item["status"]!).ShouldBe([503, 201, 503, 200]);
        ((string)Items(answer)[2].Item["error"]!["reason"]!).ShouldContain("earlier write on the document");
        _node.Cluster.Batches.ShouldBe([2, 1]);
    }

    private Task<Answer> Bulk(string target, string body) => _node.SendAsync("POST", target, body, "application/x-ndjson");

    private static List<(string Action, JsonNode Item)> Items(Answer answer) =>
        [.. answer.Json["items"]!.AsArray().Select(i => i!.AsObject().Single()).Select(p => (p.Key, p.Value!))];
}
