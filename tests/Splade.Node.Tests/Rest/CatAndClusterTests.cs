using Splade.Node.Tests.Support;

namespace Splade.Node.Tests.Rest;

public sealed class CatAndClusterTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Node_stats_tell_documents_segments_and_memory()
    {
        var stats = await _node.GetAsync("/_nodes/stats");
        stats.Status.ShouldBe(200, stats.Text);
        var node = stats.Json["nodes"]!.AsObject().First().Value!;
        var segments = node["indices"]!["segments"]!;
        ((long)segments["memory_in_bytes"]! + (long)segments["mapped_in_bytes"]!).ShouldBe((long)node["indices"]!["store"]!["size_in_bytes"]!);
        ((long)node["process"]!["mem"]!["resident_in_bytes"]!).ShouldBeGreaterThanOrEqualTo((long)node["process"]!["mem"]!["resident_files_in_bytes"]!);
        (await _node.GetAsync("/_cat/nodes?h=segments.count,segments.memory,segments.mapped,ram.files")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Tables_are_text_or_json_as_asked()
    {
        (await _node.GetAsync("/_cat/indices")).Text.ShouldBe("");
        (await _node.GetAsync("/_cat/indices?format=json")).Text.ShouldBe("[]");
        await _node.LoadBooksAsync();
        var text = await _node.GetAsync("/_cat/indices?v&h=health,index,pri,docs.count,store.size");
        text.Headers["Content-Type"].ShouldBe("text/plain; charset=UTF-8");
        text.Text.ShouldBe("health index pri docs.count store.size\ngreen  books   2          3        2kb\n");
        var json = await _node.SendAsync("GET", "/_cat/indices", null, null, ("Accept", "application/json"));
        json.Headers["Content-Type"].ShouldBe("application/json");
        ((string)json.Json[0]!["docs.count"]!).ShouldBe("3");
        ((string)(await _node.GetAsync("/_cat/indices/books?format=json&bytes=b&h=ss")).Json[0]!["store.size"]!).ShouldBe("2048");
        (await _node.SendAsync("GET", "/_cat/indices?h=i", null, null, ("Accept", "text/plain,application/vnd.elasticsearch+json; compatible-with=9"))).Text.ShouldBe("books\n");
        (await _node.GetAsync("/_cat/indices?help")).Text.ShouldContain("| i,idx");
        (await _node.GetAsync("/_cat/indices?h=indx")).ShouldBeError(400, "illegal_argument_exception", "unknown column [indx] did you mean [index]?");
        (await _node.GetAsync("/_cat/indices?bytes=miles")).ShouldBeError(400, "illegal_argument_exception", "[miles]");
        (await _node.GetAsync("/_cat/indices?format=yaml")).ShouldBeError(400, "illegal_argument_exception", "[yaml]");
        (await _node.GetAsync("/_cat/indices/missing")).ShouldBeError(404, "index_not_found_exception", "missing");
    }

    [Fact]
    public async Task Rows_are_sorted_by_numbers_and_texts()
    {
        foreach (var (name, shards) in new[] { ("a", 2), ("b", 10), ("c", 1) })
        {
            await _node.PutAsync("/" + name, "{\"settings\":{\"number_of_shards\":" + shards + "}}");
        }

        (await _node.GetAsync("/_cat/indices?h=index&s=pri")).Text.ShouldBe("c\na\nb\n");
        (await _node.GetAsync("/_cat/indices?h=index&s=index:desc")).Text.ShouldBe("c\nb\na\n");
    }

    [Fact]
    public async Task Shards_nodes_health_and_counts_are_shown()
    {
        await _node.LoadBooksAsync();
        await _node.PutAsync("/books/_settings", """{"number_of_replicas":1}""");
        (await _node.GetAsync("/_cat/shards?h=index,shard,prirep,state,node")).Text.ShouldBe(
            "books 0 p STARTED    node-1\nbooks 0 r UNASSIGNED\nbooks 1 p STARTED    node-1\nbooks 1 r UNASSIGNED\n");
        (await _node.GetAsync("/_cat/nodes?v")).Text.ShouldContain("provider");
        (await _node.GetAsync("/_cat/nodes?h=ip,node.role,master,name,models")).Text.ShouldBe("127.0.0.1 coordinator,index,encoder * node-1 words\n");
        (await _node.GetAsync("/_cat/health?h=cluster,status,node.total,unassign")).Text.ShouldBe("splade yellow 1 2\n");
        (await _node.GetAsync("/_cat/count/books?h=count")).Text.ShouldBe("3\n");
        (await _node.GetAsync("/_cat")).Text.ShouldContain("/_cat/shards");
        (await _node.GetAsync("/_cat/nope")).ShouldBeError(400, "illegal_argument_exception", "no handler found");
    }

    [Fact]
    public async Task Different_packages_of_one_model_are_told()
    {
        (await _node.GetAsync("/health/ready")).Json["warnings"]!.AsArray().ShouldBeEmpty();
        _node.Cluster.HasOtherPackage = true;
        (await _node.GetAsync("/_cat/nodes?h=name,models")).Text.ShouldBe("node-1 words@f\nnode-2 words@01234567\n");
        ((string)(await _node.GetAsync("/health/ready")).Json["warnings"]!.AsArray().ShouldHaveSingleItem()!).ShouldContain("package 01234567 on node-2");
    }

    [Fact]
    public async Task Cluster_health_is_told_and_waited_for()
    {
        await _node.PutAsync("/i", """{"settings":{"number_of_shards":2}}""");
        var health = (await _node.GetAsync("/_cluster/health?wait_for_status=green&wait_for_nodes=%3E%3D1&level=shards")).Json;
        ((string)health["status"]!).ShouldBe("green");
        ((int)health["active_primary_shards"]!).ShouldBe(2);
        ((string)health["indices"]!["i"]!["shards"]!["1"]!["status"]!).ShouldBe("green");
        var unmet = await _node.GetAsync("/_cluster/health?wait_for_nodes=2&timeout=60ms");
        unmet.Status.ShouldBe(408);
        unmet.Json["timed_out"]!.GetValue<bool>().ShouldBeTrue();
        (await _node.GetAsync("/_cluster/health/missing?timeout=1ms")).Status.ShouldBe(408);
        (await _node.GetAsync("/_cluster/health?wait_for_status=blue")).ShouldBeError(400, "illegal_argument_exception", "[blue]");
        (await _node.GetAsync("/_cluster/health?wait_for_nodes=many")).ShouldBeError(400, "illegal_argument_exception", "[many]");
    }

    [Theory]
    [InlineData("/_nodes")]
    [InlineData("/_nodes/_all/http")]
    public async Task Nodes_tell_where_they_serve_http(string target)
    {
        var nodes = (await _node.GetAsync(target)).Json["nodes"]!.AsObject();
        ((string)nodes.Single().Value!["http"]!["publish_address"]!).ShouldBe("127.0.0.1:9200");
    }
}
