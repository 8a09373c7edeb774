using Splade.Node.Tests.Support;

namespace Splade.Node.Tests.Rest;

public sealed class DocumentTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_document_is_written_read_replaced_and_deleted()
    {
        var created = await _node.PutAsync("/i/_doc/1?refresh", """{"a":{"b":1,"c":[{"d":2,"e":3}]},"f":"x"}""");
        created.Status.ShouldBe(201);
        created.Headers["Location"].ShouldBe("/i/_doc/1");
        created.Text.ShouldBe("""
            {"_index":"i","_id":"1","_version":1,"result":"created","forced_refresh":true,"_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1}
            """.Trim());
        (await _node.GetAsync("/i/_doc/1")).Text.ShouldBe("""
            {"_index":"i","_id":"1","_version":1,"_seq_no":0,"_primary_term":1,"found":true,"_source":{"a":{"b":1,"c":[{"d":2,"e":3}]},"f":"x"}}
            """.Trim());
        (await _node.SendAsync("HEAD", "/i/_doc/1")).Status.ShouldBe(200);
        (await _node.GetAsync("/i/_source/1?_source_includes=a.c&_source_excludes=*.e")).Text.ShouldBe("""{"a":{"c":[{"d":2}]}}""");
        (await _node.GetAsync("/i/_doc/1?_source=f%2Cnothing")).Json["_source"]!.ToJsonString().ShouldBe("""{"f":"x"}""");
        (await _node.GetAsync("/i/_doc/1?_source=false")).Json["_source"].ShouldBeNull();
        var replaced = await _node.PostAsync("/i/_doc/1", "{}");
        replaced.Status.ShouldBe(200);
        ((string)replaced.Json["result"]!).ShouldBe("updated");
        ((string)(await _node.SendAsync("DELETE", "/i/_doc/1")).Json["result"]!).ShouldBe("deleted");
        var again = await _node.SendAsync("DELETE", "/i/_doc/1");
        again.Status.ShouldBe(404);
        ((string)again.Json["result"]!).ShouldBe("not_found");
    }

    [Fact]
    public async Task A_missing_document_is_404_without_an_error_object()
    {
        await _node.PutAsync("/i");
        var answer = await _node.GetAsync("/i/_doc/1");
        answer.Status.ShouldBe(404);
        answer.Text.ShouldBe("""{"_index":"i","_id":"1","found":false}""");
        (await _node.GetAsync("/i/_source/1")).ShouldBeError(404, "resource_not_found_exception", "Document not found [i]/[1]");
        (await _node.SendAsync("HEAD", "/i/_source/1")).Status.ShouldBe(404);
        (await _node.GetAsync("/missing/_doc/1")).ShouldBeError(404, "index_not_found_exception", "missing");
        (await _node.SendAsync("DELETE", "/missing/_doc/1")).ShouldBeError(404, "index_not_found_exception", "missing");
    }

    [Fact]
    public async Task Automatic_ids_and_creates()
    {
        var answer = await _node.PostAsync("/i/_doc", "{}");
        answer.Status.ShouldBe(201);
        ((string)answer.Json["_id"]!).Length.ShouldBe(20);
        (await _node.PutAsync("/i/_create/1", "{}")).Status.ShouldBe(201);
        (await _node.PostAsync("/i/_create/1", "{}")).ShouldBeError(409, "version_conflict_engine_exception", "[1]");
        (await _node.PutAsync("/i/_doc/1?op_type=create", "{}")).Status.ShouldBe(409);
        (await _node.PutAsync("/i/_doc/1?op_type=upsert", "{}")).ShouldBeError(400, "illegal_argument_exception", "[upsert]");
    }

    [Theory]
    [InlineData("?if_seq_no=0&if_primary_term=1", 200)]
    [InlineData("?if_seq_no=7&if_primary_term=1", 409)]
    [InlineData("?if_seq_no=0&if_primary_term=2", 409)]
    [InlineData("?if_seq_no=0", 400)]
    [InlineData("?if_primary_term=1", 400)]
    [InlineData("?if_seq_no=-1&if_primary_term=1", 400)]
    [InlineData("?require_alias=true", 404)]
    [InlineData("?require_alias=false", 200)]
    [InlineData("?routing=x", 400)]
    [InlineData("?pipeline=x", 400)]
    [InlineData("?refresh=soon", 400)]
    [InlineData("?refresh=wait_for", 200)]
    [InlineData("?wait_for_active_shards=2", 400)]
    public async Task Conditions_and_options_of_writes(string query, int status)
    {
        await _node.PutAsync("/i/_doc/1", "{}");
        (await _node.PutAsync("/i/_doc/1" + query, "{}")).Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{} {}")]
    [InlineData("x")]
    public async Task What_is_no_document_is_a_parsing_error(string body) =>
        (await _node.PutAsync("/i/_doc/1", body)).ShouldBeError(400, "document_parsing_exception", "");

    [Fact]
    public async Task A_write_without_body_or_with_a_long_id_is_refused()
    {
        (await _node.PutAsync("/i/_doc/1")).ShouldBeError(400, "action_request_validation_exception", "1: source is missing;");
        (await _node.PutAsync("/i/_doc/" + new string('x', 513), "{}")).ShouldBeError(400, "illegal_argument_exception", "512 bytes");
        (await _node.PutAsync("/Bad/_doc/1", "{}")).ShouldBeError(400, "invalid_index_name_exception", "lowercase");
    }

    [Fact]
    public async Task Updates_change_a_part_and_notice_when_nothing_changes()
    {
        await _node.PutAsync("/i/_doc/1", """{"a":1}""");
        var changed = await _node.PostAsync("/i/_update/1?_source=true", """{"doc":{"b":2}}""");
        ((string)changed.Json["result"]!).ShouldBe("updated");
        changed.Json["get"]!["_source"]!.ToJsonString().ShouldBe("""{"a":1,"b":2}""");
        var noop = await _node.PostAsync("/i/_update/1", """{"doc":{"b":2},"_source":["a"]}""");
        ((string)noop.Json["result"]!).ShouldBe("noop");
        ((int)noop.Json["_shards"]!["total"]!).ShouldBe(0);
        noop.Json["get"]!["_source"]!.ToJsonString().ShouldBe("""{"a":1}""");
        (await _node.PostAsync("/i/_update/2", """{"doc":{"b":2}}""")).ShouldBeError(404, "document_missing_exception", "[2]");
        (await _node.PostAsync("/i/_update/2", """{"doc":{"b":2},"doc_as_upsert":true}""")).Status.ShouldBe(201);
        (await _node.PostAsync("/i/_update/1", """{"dac":{}}""")).ShouldBeError(400, "x_content_parse_exception", "[UpdateRequest] unknown field [dac] did you mean [doc]?");
        (await _node.PostAsync("/i/_update/1", """{"script":"x"}""")).ShouldBeError(400, "illegal_argument_exception", "[script] is not supported");
        (await _node.PostAsync("/i/_update/1", "{}")).ShouldBeError(400, "action_request_validation_exception", "script or doc is missing");
    }

    [Fact]
    public async Task Many_documents_are_read_at_once_in_their_order()
    {
        await _node.LoadBooksAsync();
        var answer = await _node.PostAsync(
            "/_mget", """{"docs":[{"_index":"books","_id":3,"_source":"kind"},{"_index":"missing","_id":"1"},{"_index":"books","_id":"9"},{"_index":"books","_id":"1","_source":false}]}""");
        answer.Status.ShouldBe(200);
        var docs = answer.Json["docs"]!.AsArray();
        docs[0]!["_source"]!.ToJsonString().ShouldBe("""{"kind":"thing"}""");
        ((string)docs[1]!["error"]!["type"]!).ShouldBe("index_not_found_exception");
        docs[2]!["found"]!.GetValue<bool>().ShouldBeFalse();
        docs[3]!["_source"].ShouldBeNull();
        (await _node.PostAsync("/books/_mget?_source_includes=title", """{"ids":["2",1]}""")).Json["docs"]!.AsArray()
            .Select(d => d!["_source"]!.ToJsonString()).ShouldBe(["""{"title":"Dogs"}""", """{"title":"Cats"}"""]);
        (await _node.PostAsync("/_mget", """{"ids":["2"]}""")).ShouldBeError(400, "action_request_validation_exception", "index is missing");
        (await _node.PostAsync("/_mget", "{}")).ShouldBeError(400, "action_request_validation_exception", "no documents to get");
        (await _node.PostAsync("/_mget", """{"docs":[{"_index":"books","_id":"1","routing":"x"}]}""")).ShouldBeError(400, "x_content_parse_exception", "[routing]");
    }
}
