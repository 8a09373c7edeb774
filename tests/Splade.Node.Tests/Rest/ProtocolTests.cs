using System.IO.Compression;
using Splade.Node.Tests.Support;

namespace Splade.Node.Tests.Rest;

/// <summary>Content types, encodings, limits and the errors that no endpoint owns.</summary>
public sealed class ProtocolTests : IAsyncLifetime
{
    private const string Vendored = "application/vnd.elasticsearch+json; compatible-with=9";
    private const string VendoredLines = "application/vnd.elasticsearch+x-ndjson; compatible-with=9";

    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Root_names_the_product_and_its_version()
    {
        var answer = await _node.GetAsync("/");
        answer.Status.ShouldBe(200);
        answer.Headers["X-elastic-product"].ShouldBe("Elasticsearch");
        ((string)answer.Json["version"]!["number"]!).ShouldMatch(@"^\d+\.\d+\.\d+$");
        ((string)answer.Json["tagline"]!).ShouldBe("You Know, for Search");
        ((string)answer.Json["cluster_uuid"]!).Length.ShouldBe(22);
        var ping = await _node.SendAsync("HEAD", "/");
        ping.Status.ShouldBe(200);
        ping.Bytes.ShouldBeEmpty();
        ping.Headers["X-elastic-product"].ShouldBe("Elasticsearch");
    }

    [Theory]
    [InlineData(Vendored, Vendored, "application/vnd.elasticsearch+json;compatible-with=9")]
    [InlineData("application/json", null, "application/json")]
    [InlineData("application/json; charset=utf-8", "*/*", "application/json")]
    [InlineData("application/vnd.elasticsearch+json;compatible-with=8", "application/vnd.elasticsearch+json;compatible-with=8", "application/vnd.elasticsearch+json;compatible-with=8")]
    public async Task Content_types_of_the_clients_are_echoed_to_those_who_asked(string contentType, string? accept, string expected)
    {
        var answer = await _node.SendAsync("POST", "/_search", "{}", contentType, accept is null ? [] : [("Accept", accept)]);
        answer.Status.ShouldBe(200, answer.Text);
        answer.Headers["Content-Type"].Replace("; ", ";", StringComparison.Ordinal).ShouldBe(expected);
    }

    [Fact]
    public async Task Accept_with_a_comma_counts_as_none_and_a_content_type_without_body_is_ignored()
    {
        var answer = await _node.SendAsync("GET", "/", null, null, ("Accept", Vendored + ",text/plain"));
        answer.Headers["Content-Type"].ShouldBe("application/json");
        var empty = await _node.SendAsync("PUT", "/i", "", "text/html");
        empty.Status.ShouldBe(200, empty.Text);
    }

    [Theory]
    [InlineData("application/x-ndjson", null)]
    [InlineData("application/json", null)]
    [InlineData(VendoredLines, Vendored)]
    public async Task Bulk_takes_line_and_json_types_alike(string contentType, string? accept)
    {
        var answer = await _node.SendAsync(
            "PUT", "/_bulk", "{\"index\":{\"_index\":\"i\"}}\n{\"a\":1}\n", contentType, accept is null ? [] : [("Accept", accept)]);
        answer.Status.ShouldBe(200, answer.Text);
        answer.Json["errors"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData(null)]
    [InlineData("application/x-ndjson")]
    [InlineData("application/cbor")]
    public async Task A_body_of_another_type_is_406_with_a_text_error(string? type)
    {
        var answer = await _node.SendAsync("POST", "/_search", "{}", type);
        answer.Status.ShouldBe(406);
        ((string)answer.Json["error"]!).ShouldBe($"Content-Type header [{type}] is not supported");
        answer.Headers["Content-Type"].ShouldBe("application/json");
    }

    [Theory]
    [InlineData(Vendored, "application/json")]
    [InlineData("application/json", Vendored)]
    [InlineData(Vendored, "application/vnd.elasticsearch+json; compatible-with=8")]
    [InlineData("application/vnd.elasticsearch+json; compatible-with=7", "application/vnd.elasticsearch+json; compatible-with=7")]
    public async Task Versions_that_do_not_fit_are_media_type_errors(string type, string accept) =>
        (await _node.SendAsync("POST", "/_search", "{}", type, ("Accept", accept))).ShouldBeError(400, "media_type_header_exception", "");

    [Fact]
    public async Task The_opaque_id_is_echoed()
    {
        (await _node.SendAsync("GET", "/nope", null, null, ("X-Opaque-Id", "abc 1"))).Headers["X-Opaque-Id"].ShouldBe("abc 1");
    }

    [Fact]
    public async Task Unknown_paths_methods_and_parameters_are_named()
    {
        (await _node.GetAsync("/_inference/x")).ShouldBeError(400, "illegal_argument_exception", "no handler found for uri [/_inference/x] and method [GET]");
        (await _node.GetAsync("/_search?sizee=1"))
            .ShouldBeError(400, "illegal_argument_exception", "request [/_search] contains unrecognized parameter: [sizee] -> did you mean [size]?");
        (await _node.GetAsync("/_search?df=text&q=sky%22blue")).ShouldBeError(
            400, "illegal_argument_exception", """send a body instead, such as {"query":{"semantic":{"field":"FIELD","query":"sky\"blue"}}} with""");
        (await _node.GetAsync("/_count?q=*")).ShouldBeError(400, "illegal_argument_exception", """such as {"query":{"match_all":{}}}""");
        (await _node.GetAsync("/_search?routing=1")).ShouldBeError(400, "illegal_argument_exception", "[routing], which is not supported");
        var wrong = await _node.SendAsync("DELETE", "/_search");
        wrong.Status.ShouldBe(405);
        wrong.Headers["Allow"].ShouldBe("GET, POST");
        ((string)wrong.Json["error"]!).ShouldContain("allowed: [GET, POST]");
    }

    [Theory]
    [InlineData("pretty=maybe", 200)]
    [InlineData("ignore_unavailable=maybe", 400)]
    [InlineData("ignore_unavailable", 200)]
    [InlineData("ignore_unavailable=", 200)]
    [InlineData("size=abc", 400)]
    [InlineData("timeout=5", 400)]
    [InlineData("timeout=5s", 200)]
    [InlineData("size=%zz", 400)]
    [InlineData("size=1&size=2", 400)]
    public async Task Parameters_are_typed(string query, int status) => (await _node.GetAsync("/_search?" + query)).Status.ShouldBe(status);

    [Fact]
    public async Task Ids_and_lists_are_decoded_once_after_splitting()
    {
        (await _node.PutAsync("/i/_doc/a%2Fb%20c%2B+%252F", "{}")).Headers["Location"].ShouldBe("/i/_doc/a%2Fb%20c%2B%2B%252F");
        ((string)(await _node.GetAsync("/i/_doc/a%2Fb%20c%2B%2B%252F")).Json["_id"]!).ShouldBe("a/b c++%2F");
        await _node.PutAsync("/j");
        (await _node.GetAsync("/i%2Cj/_count")).Json["_shards"]!["total"]!.GetValue<int>().ShouldBe(2);
        ((string)(await _node.PutAsync("/i/_doc/%D1%8F", "{}")).Json["_id"]!).ShouldBe("я");
        (await _node.PutAsync("/i/_doc/%FF", "{}")).ShouldBeError(400, "illegal_argument_exception", "not valid UTF-8");
    }

    [Fact]
    public async Task Gzip_is_read_and_written()
    {
        await _node.LoadBooksAsync();
        var answer = await _node.SendAsync(
            "POST", "/_search?explain&pretty", Gzip("{\"query\":{\"match_all\":{}}}"), "application/json", ("Content-Encoding", "gzip"), ("Accept-Encoding", "gzip,deflate"));
        answer.Status.ShouldBe(200);
        answer.Headers["Content-Encoding"].ShouldBe("gzip");
        using var text = new StreamReader(new GZipStream(new MemoryStream(answer.Bytes), CompressionMode.Decompress));
        (await text.ReadToEndAsync()).ShouldContain("\"_id\": \"1\"");
        (await _node.SendAsync("POST", "/_search", "no gzip", "application/json", ("Content-Encoding", "gzip"))).ShouldBeError(400, "illegal_argument_exception", "gzip");
        (await _node.SendAsync("POST", "/_search", "{}", "application/json", ("Content-Encoding", "br"))).Status.ShouldBe(415);
    }

    [Fact]
    public async Task Bodies_over_the_limit_are_413_also_when_they_were_compressed_and_the_node_stays_up()
    {
        await using var node = await TestNode.StartAsync(TestNode.Options with { MaxBodyBytes = 64 * 1024 });
        var large = "{\"a\":\"" + new string('x', 100_000) + "\"}";
        (await node.PutAsync("/i/_doc/1", large)).ShouldBeError(413, "content_too_large_exception", "65536");
        (await node.SendAsync("PUT", "/i/_doc/1", Gzip(large), "application/json", ("Content-Encoding", "gzip"))).ShouldBeError(413, "content_too_large_exception", "65536");
        (await node.SendAsync("POST", "/_bulk", new byte[30_000_000])).ShouldBeError(413, "content_too_large_exception", "65536");
        (await node.PutAsync("/i/_doc/1", "{}")).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Requests_that_together_hold_too_much_are_429()
    {
        await using var node = await TestNode.StartAsync(TestNode.Options with { MaxBodyBytes = 1_000_000, MaxBodyBytesInFlight = 1_000_000 });
        var large = "{\"a\":\"" + new string('x', 900_000) + "\"}";
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.PutAsync("/i/_doc/1", large)));
        answers.ShouldAllBe(a => a.Status == 200 || a.Status == 201 || a.Status == 429);

        // Bodies that grow side by side may all have been refused.
        (await node.PutAsync("/i/_doc/1", large)).Status.ShouldBe(answers.All(a => a.Status == 429) ? 201 : 200);
    }

    [Fact]
    public async Task Deep_broken_and_badly_encoded_json_is_400_with_its_place()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200);
        (await _node.PutAsync("/i/_doc/1", deep)).ShouldBeError(400, "document_parsing_exception", "depth");
        (await _node.PostAsync("/_search", deep)).Status.ShouldBe(400);
        var broken = (await _node.PostAsync("/_search", "{\n  \"size\": }")).ShouldBeError(400, "x_content_parse_exception", "[2:");
        ((int)broken.Json["error"]!["line"]!).ShouldBe(2);
        byte[] invalid = [.. System.Text.Encoding.UTF8.GetBytes("{\"a\":\""), 0xff, 0xfe, .. System.Text.Encoding.UTF8.GetBytes("\"}")];
        (await _node.SendAsync("PUT", "/i/_doc/1", invalid)).ShouldBeError(400, "x_content_parse_exception", "UTF-8");
        (await _node.PostAsync("/_search", "{\"size\":1,\"size\":2}")).ShouldBeError(400, "x_content_parse_exception", "Duplicate field 'size'");
        (await _node.PostAsync("/_search", "[]")).Status.ShouldBe(400);
        (await _node.GetAsync("/health/live")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_unexpected_exception_is_500_with_the_id_of_its_log_entry_and_the_node_stays_up()
    {
        _node.Cluster.WriteFailure = new InvalidOperationException("secret");
        var answer = (await _node.PutAsync("/i/_doc/1", "{}")).ShouldBeError(500, "internal_server_error", "in the log of this node as [");
        answer.Text.ShouldNotContain("secret");
        (await _node.PutAsync("/i/_doc/1?error_trace", "{}")).Text.ShouldContain("stack_trace");
        _node.Cluster.WriteFailure = null;
        (await _node.PutAsync("/i/_doc/1", "{}")).Status.ShouldBe(201);
    }

    [Theory]
    [InlineData("hits.hits._id", """{"hits":{"hits":[{"_id":"3"},{"_id":"1"},{"_id":"2"}]}}""")]
    [InlineData("hits.hits._id,hits.total.value", """{"hits":{"total":{"value":3},"hits":[{"_id":"3"},{"_id":"1"},{"_id":"2"}]}}""")]
    [InlineData("**.relation", """{"hits":{"total":{"relation":"eq"}}}""")]
    [InlineData("_shards,-_shards.f*,-**.skipped", """{"_shards":{"total":2,"successful":2}}""")]
    [InlineData("hits.t*.value", """{"hits":{"total":{"value":3}}}""")]
    [InlineData("nothing", "{}")]
    public async Task Filter_path_leaves_what_it_names(string filter, string expected)
    {
        await _node.LoadBooksAsync();
        var answer = await _node.PostAsync(
            "/books/_search?filter_path=" + filter, """{"query":{"sparse_vector":{"field":"vec","query_vector":{"ship":3,"cat":2,"dog":1}}}}""");
        answer.Text.ShouldBe(expected);
    }

    private static byte[] Gzip(string text)
    {
        var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
        {
            gzip.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        return buffer.ToArray();
    }
}
