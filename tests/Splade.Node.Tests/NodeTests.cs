using System.Net.Sockets;
using System.Text.Json.Nodes;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Nodes;
using Splade.Node.Tests.Support;

namespace Splade.Node.Tests;

/// <summary>Start, readiness, roles, keys, metrics and the API's description.</summary>
public sealed class NodeTests
{
    [Fact]
    public async Task A_busy_port_is_one_clear_line()
    {
        await using var node = await TestNode.StartAsync();
        var port = new Uri(node.Node.HttpUrl).Port;
        var error = await Should.ThrowAsync<NodeStartException>(() => TestNode.StartAsync(TestNode.Options with { HttpPort = port }));
        error.Message.ShouldContain($"127.0.0.1:{port}");
        error.Message.ShouldContain("another process uses the port");
        error.Message.ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("", 0, null)]
    [InlineData("127.0.0.1", 70_000, null)]
    [InlineData("127.0.0.1", 0, "short")]
    [InlineData("no.such.host.invalid", 0, null)]
    public async Task Options_that_can_not_work_are_refused(string host, int port, string? key) =>
        await Should.ThrowAsync<NodeStartException>(() => TestNode.StartAsync(TestNode.Options with { Host = host, HttpPort = port, ApiKey = key }));

    [Fact]
    public async Task While_the_runtime_starts_health_answers_and_the_api_is_503()
    {
        using var client = new HttpClient();
        var runtime = new InMemoryRuntime(new InMemoryCluster());
        await using (var node = await SpladeNode.StartAsync(TestNode.Options, async (url, _, stop) =>
        {
            (await client.GetAsync(new Uri(url + "/health/live"), stop)).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
            (await client.GetAsync(new Uri(url + "/health/ready"), stop)).StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
            var api = await client.GetAsync(new Uri(url + "/_search"), stop);
            api.StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
            (await api.Content.ReadAsStringAsync(stop)).ShouldContain("cluster_block_exception");
            return runtime;
        }))
        {
            (await client.GetStringAsync(new Uri(node.HttpUrl + "/health/ready"))).ShouldContain("\"ready\"");
            runtime.IsReady = false;
            (await client.GetAsync(new Uri(node.HttpUrl + "/health/ready"))).StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
        }

        runtime.Disposed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_that_starts_says_for_how_long_and_what_it_waits_for_to_health_and_to_the_api()
    {
        using var client = new HttpClient();
        var time = new StillTime();
        await using var node = await SpladeNode.StartAsync(
            TestNode.Options,
            async (url, starting, stop) =>
            {
                (await ReasonAsync(url)).ShouldBe("the node is starting");
                starting("waits for the catalog");
                starting("waits for a node of its cluster to listen at 10.0.0.1:4053");
                time.Seconds = 12;
                var reason = await ReasonAsync(url);
                reason.ShouldBe("the node has been starting for 12 s: it waits for a node of its cluster to listen at 10.0.0.1:4053");
                (await (await client.GetAsync(new Uri(url + "/_search"), stop)).Content.ReadAsStringAsync(stop)).ShouldContain(reason);
                return new InMemoryRuntime(new InMemoryCluster());
            },
            time: time);

        async Task<string> ReasonAsync(string url)
        {
            using var answer = await client.GetAsync(new Uri(url + "/health/ready"));
            answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
            return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["reasons"]!.AsArray().ShouldHaveSingleItem()!;
        }
    }

    [Fact]
    public async Task A_node_with_the_index_role_counts_its_shards()
    {
        await using var node = await TestNode.StartAsync();
        node.Runtime.Shards = [.. ((ShardState[])[ShardState.Started, ShardState.Started, ShardState.Opening, ShardState.Failed])
            .Select((s, i) => new ShardStatus(new ShardId("i", "u", ShardId.AllLanguages, i), s, 0, 0, 0, 0, 0))];
        var answer = await node.GetAsync("/health/ready");
        answer.Status.ShouldBe(200);
        answer.Json["shards"]!.ToJsonString().ShouldBe("""{"started":2,"initializing":1,"failed":1}""");
    }

    [Fact]
    public async Task Requests_that_wait_when_the_cluster_removes_the_node_are_answered_with_the_reason()
    {
        await using var node = await TestNode.StartAsync();
        var waiting = node.GetAsync("/_cluster/health?wait_for_nodes=9&timeout=10m");
        await node.Cluster.Viewed;
        node.Runtime.End();
        (await waiting).ShouldBeError(503, "cluster_block_exception", "the others removed it");
        (await node.GetAsync("/_search")).ShouldBeError(503, "cluster_block_exception", "the others removed it");
    }

    [Fact]
    public async Task A_node_that_stops_answers_the_requests_that_run()
    {
        await using var node = await TestNode.StartAsync();
        var waiting = node.GetAsync("/_cluster/health?wait_for_nodes=9&timeout=10m");
        await node.Cluster.Viewed;
        await node.Node.DisposeAsync();
        (await waiting).ShouldBeError(503, "cluster_block_exception", "the node is stopping");
    }

    [Fact]
    public async Task A_runtime_that_fails_to_start_frees_the_port()
    {
        var url = "";
        await Should.ThrowAsync<InvalidDataException>(() => SpladeNode.StartAsync(TestNode.Options, (u, _, _) =>
        {
            url = u;
            throw new InvalidDataException("no database");
        }));
        using var socket = new TcpClient();
        await Should.ThrowAsync<SocketException>(() => socket.ConnectAsync("127.0.0.1", new Uri(url).Port));
    }

    [Fact]
    public async Task A_node_without_the_coordinator_role_names_those_that_have_it_and_still_tells_its_health()
    {
        await using var node = await TestNode.StartAsync(coordinator: false);
        (await node.GetAsync("/_search")).ShouldBeError(400, "illegal_argument_exception", "http://10.0.0.1:9200");
        (await node.GetAsync("/health/ready")).Status.ShouldBe(200);
        (await node.GetAsync("/metrics")).Text.ShouldContain("splade_node_ready");
    }

    [Fact]
    public async Task With_a_key_only_health_is_open()
    {
        await using var node = await TestNode.StartAsync(TestNode.Options with { ApiKey = "correct-horse" });
        (await node.GetAsync("/health/live")).Status.ShouldBe(200);
        (await node.GetAsync("/health/ready")).Status.ShouldBe(200);
        var refused = (await node.GetAsync("/")).ShouldBeError(401, "security_exception", "missing authentication credentials");
        refused.Headers["WWW-Authenticate"].ShouldContain("ApiKey");
        (await node.GetAsync("/metrics")).Status.ShouldBe(401);
        (await node.SendAsync("GET", "/", null, null, ("Authorization", "ApiKey wrong-horse"))).ShouldBeError(401, "security_exception", "unable to authenticate");
        (await node.SendAsync("GET", "/", null, null, ("Authorization", "ApiKey correct-horse"))).Status.ShouldBe(200);
        (await node.SendAsync("GET", "/", null, null, ("Authorization", "Bearer correct-horse"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Metrics_count_requests_by_route()
    {
        await using var node = await TestNode.StartAsync();
        await node.LoadBooksAsync();
        var text = (await node.GetAsync("/metrics")).Text;
        text.ShouldContain("splade_rest_request_duration_seconds_count");
        text.ShouldContain("route=\"/{index}/_bulk\"");
        text.ShouldContain("splade_rest_bulk_operations");
        text.ShouldContain("splade_cluster_documents");
    }

    [Theory]
    [InlineData("/openapi.json")]
    [InlineData("/openapi/v1.json")]
    public async Task The_description_lists_every_route_with_its_parameters(string path)
    {
        await using var node = await TestNode.StartAsync();
        var document = (await node.GetAsync(path)).Json;
        ((string)document["openapi"]!).ShouldStartWith("3.");
        var search = document["paths"]!["/{index}/_search"]!["post"]!;
        search["parameters"]!.AsArray().Select(p => (string)p!["name"]!).ShouldContain("track_total_hits");
        document["paths"]!["/_bulk"]!["put"].ShouldNotBeNull();
        document["components"]!["schemas"]!["Error"].ShouldNotBeNull();
        var ids = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject()).Select(o => (string)o.Value!["operationId"]!).ToArray();
        ids.Distinct().Count().ShouldBe(ids.Length);
    }

    /// <summary>A clock that stands where a test puts it. Timers stay those of the system.</summary>
    private sealed class StillTime : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
