using System.Collections.Immutable;
using Splade.Cluster.Api;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol.Catalog;
using Splade.Index;
using Splade.Tests;

namespace Splade.Cluster.Tests.Hosting;

/// <summary>A real single node over SQLite, from documents to answers and through restarts.</summary>
public sealed class ClusterNodeTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Documents_are_found_after_a_restart_in_their_last_version()
    {
        SearchResult before;
        await using (var node = await StartAsync())
        {
            var cluster = node.Cluster!;
            var (index, started) = await cluster.CreateIndexAsync(Create("wiki", 3), Timeout, default);
            started.ShouldBeTrue();
            var created = await WriteAsync(cluster, Enumerable.Range(0, 300).Select(i => Put("wiki", $"d{i}", i)));
            created.ShouldAllBe(r => r.Status == 201 && r.Version == 1);
            var updated = await WriteAsync(cluster, Enumerable.Range(0, 100).Select(i => Put("wiki", $"d{i}", i + 1)));
            updated.ShouldAllBe(r => r.Status == 200 && r.Version == 2);
            (await cluster.FlushAsync([index], default)).Successful.ShouldBe(3);
            var deleted = await WriteAsync(cluster, Enumerable.Range(200, 50).Select(i => new WriteOperation(WriteKind.Delete, "wiki", $"d{i}", default)));
            deleted.ShouldAllBe(r => r.Result == "deleted" && r.Version == 2);
            await cluster.RefreshAsync([index], default);
            before = await SearchAsync(cluster);
            before.Total.ShouldBe(250);
            before.ShardsSuccessful.ShouldBe(3);
            before.Hits.Length.ShouldBe(20);
            before.Hits.ShouldAllBe(h => h.Document != null && h.Explanation!.Score == h.Score);
        }

        await using (var node = await StartAsync())
        {
            var cluster = node.Cluster!;
            var after = await SearchAsync(cluster);
            after.Total.ShouldBe(250);
            after.Hits.Select(h => (h.Id, h.Score)).ShouldBe(before.Hits.Select(h => (h.Id, h.Score)));
            var index = cluster.Catalog.Indices.ShouldHaveSingleItem();
            var documents = await cluster.GetAsync(index, ["d0", "d150", "d220", "absent"], default);
            documents[0]!.Version.ShouldBe(2);
            documents[1]!.Version.ShouldBe(1);
            documents[2].ShouldBeNull();
            documents[3].ShouldBeNull();
            (await WriteAsync(cluster, [new WriteOperation(WriteKind.Create, "wiki", "d1", "{}"u8.ToArray())]))[0].Error!.Type.ShouldBe("version_conflict_engine_exception");
        }
    }

    [Fact]
    public async Task Updates_conflicts_and_dynamic_fields_follow_the_dialect()
    {
        await using var node = await StartAsync();
        var cluster = node.Cluster!;
        var results = await WriteAsync(cluster,
        [
            new WriteOperation(WriteKind.Index, "auto", "1", Json("""{"title":"Cats","n":3,"born":"2020-01-02","tags":["a","b"],"deep":{"x":true}}""")),
            new WriteOperation(WriteKind.Update, "auto", "1", Json("""{"doc":{"n":4}}""")),
            new WriteOperation(WriteKind.Update, "auto", "1", Json("""{"doc":{"n":4}}""")),
            new WriteOperation(WriteKind.Update, "auto", "2", Json("""{"doc":{"n":4}}""")),
            new WriteOperation(WriteKind.Update, "auto", "3", Json("""{"doc":{"n":5},"doc_as_upsert":true}""")),
            new WriteOperation(WriteKind.Index, "auto", "4", Json("""{"n":"many"}""")),
            new WriteOperation(WriteKind.Index, "auto", null, Json("""{"n":7}""")),
            new WriteOperation(WriteKind.Index, "auto", "1", Json("""{"n":8}""")) { IfSeqNo = 12345 },
            new WriteOperation(WriteKind.Delete, "auto", "none", default),
            new WriteOperation(WriteKind.Index, "Bad", "1", Json("{}")),
        ]);
        results.Select(r => r.Error?.Type ?? r.Result).ShouldBe(
        [
            "created", "updated", "noop", "document_missing_exception", "created", "document_parsing_exception", "created",
            "version_conflict_engine_exception", "not_found", "invalid_index_name_exception",
        ]);
        results[6].Id.Length.ShouldBe(20);
        results[2].Version.ShouldBe(2);
        var index = cluster.Catalog.Indices.ShouldHaveSingleItem();
        index.Mapping.Fields["n"].Type.ShouldBe(FieldType.Long);
        index.Mapping.Fields["born"].Type.ShouldBe(FieldType.Date);
        index.Mapping.Fields["deep"].Properties["x"].Type.ShouldBe(FieldType.Boolean);
        await cluster.RefreshAsync([index], default);
        (await TermAsync("tags.keyword", "b")).ShouldBe(["1"]);
        (await TermAsync("deep.x", "true")).ShouldBe(["1"]);
        (await TermAsync("n", "5.0")).ShouldBe(["3"]);
        (await TermAsync("born", "2020-01-02T00:00:00Z")).ShouldBe(["1"]);
        (await TermAsync("unmapped", "x")).ShouldBeEmpty();
        (await Should.ThrowAsync<SearchClusterException>(() => TermAsync("title", "Cats"))).Error.Reason.ShouldContain("title.keyword");

        async Task<string[]> TermAsync(string field, string value) =>
            [.. (await cluster.SearchAsync(new SearchRequest([index], new TermSearch(field, value), 0, 10), default)).Hits.Select(h => h.Id)];
    }

    [Fact]
    public async Task A_damaged_shard_says_which_file_and_what_to_do_and_the_others_answer()
    {
        long all;
        await using (var node = await StartAsync())
        {
            var (created, _) = await node.Cluster!.CreateIndexAsync(Create("books", 2), Timeout, default);
            await WriteAsync(node.Cluster, Enumerable.Range(0, 100).Select(i => Put("books", $"d{i}", i)));
            await node.Cluster.FlushAsync([created], default);
            all = (await SearchAsync(node.Cluster)).Total;
        }

        var file = Directory.GetFiles(Path.Combine(_folder.Path, "segments"), "*.seg", SearchOption.AllDirectories)[0];
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        await using var damaged = await StartAsync();
        var cluster = damaged.Cluster!;
        var index = cluster.Catalog.Indices.ShouldHaveSingleItem();

        var found = await cluster.SearchAsync(new SearchRequest([index], new MatchAllSearch(), 0, 10), default);
        found.ShardsSuccessful.ShouldBe(1);
        found.Total.ShouldBeInRange(1, all - 1);
        ShouldTell(found.Failures.ShouldHaveSingleItem().Error.Reason);
        var written = await WriteAsync(cluster, Enumerable.Range(0, 100).Select(i => Put("books", $"d{i}", i)));
        var refused = written.Where(w => w.Error is not null).ToArray();
        refused.Length.ShouldBe((int)(all - found.Total));
        refused.ShouldAllBe(r => r.Error!.Reason.Contains("nothing was written"));
        ShouldTell(refused[0].Error!.Reason);

        void ShouldTell(string reason)
        {
            reason.ShouldContain("can't be opened");
            reason.ShouldContain(Path.GetFileName(file));
            reason.ShouldContain("section");
            reason.ShouldContain("Restore the file from a copy");
        }
    }

    [Fact]
    public async Task A_deleted_index_is_gone_and_its_name_is_free()
    {
        await using var node = await StartAsync();
        var cluster = node.Cluster!;
        for (var round = 0; round < 2; round++)
        {
            var (index, _) = await cluster.CreateIndexAsync(Create("again", 1), Timeout, default);
            (await Should.ThrowAsync<SearchClusterException>(() => cluster.CreateIndexAsync(Create("again", 1), Timeout, default)))
                .Error.Type.ShouldBe("resource_already_exists_exception");
            await WriteAsync(cluster, [Put("again", "only", 1)]);
            await cluster.FlushAsync([index], default);
            (await cluster.SearchAsync(new SearchRequest([index], new MatchAllSearch(), 0, 10), default)).Total.ShouldBe(1);
            await cluster.DeleteIndexAsync(index, default);
            cluster.Catalog.Indices.ShouldBeEmpty();
            await Should.ThrowAsync<SearchClusterException>(() => cluster.DeleteIndexAsync(index, default));
        }
    }

    [Fact]
    public async Task Several_nodes_on_sqlite_are_refused_with_advice()
    {
        var refused = await Should.ThrowAsync<NodeStartException>(() => ClusterNode.StartAsync(
            Options() with { SeedNodes = ["akka.tcp://splade@127.0.0.1:1"] }, TimeProvider.System, default));
        refused.Message.ShouldContain("PostgreSQL");
        (await Should.ThrowAsync<NodeStartException>(() => ClusterNode.StartAsync(Options() with { DataFolder = "/dev/null/data" }, TimeProvider.System, default)))
            .Message.ShouldContain("--data");
        (await Should.ThrowAsync<NodeStartException>(() => ClusterNode.StartAsync(
            Options() with { Journal = "Host=127.0.0.1;Port=1;Username=x;Database=y;Timeout=1" }, TimeProvider.System, default))).Message.ShouldContain("--journal");
        var cuda = Options() with { Encoder = new Splade.Encoding.EncoderOptions { Provider = Splade.Encoding.ExecutionProvider.Cuda } };
        (await Should.ThrowAsync<NodeStartException>(() => ClusterNode.StartAsync(cuda, TimeProvider.System, default))).Message.ShouldContain("-p:OnnxRuntime=Gpu");
        var strict = Options() with { Encoder = new Splade.Encoding.EncoderOptions { StrictDevice = true } };
        (await Should.ThrowAsync<NodeStartException>(() => ClusterNode.StartAsync(strict, TimeProvider.System, default))).Message.ShouldContain("--device-strict");
        (await Should.ThrowAsync<NodeStartException>(() => ClusterNode.StartAsync(Options() with { Roles = ["cook"] }, TimeProvider.System, default)))
            .Message.ShouldContain("cook");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(999_999)]
    public async Task A_merge_rate_that_is_too_low_is_refused(long rate)
    {
        var options = Options() with { MergeBytesPerSecond = rate };
        (await Should.ThrowAsync<NodeStartException>(() => ClusterNode.StartAsync(options, TimeProvider.System, default))).Message.ShouldContain("--merge-rate");
        Should.Throw<ArgumentOutOfRangeException>(options.Shards.Validate).ParamName.ShouldBe("MergeBytesPerSecond");
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1_000_000, 1_000_000L)]
    public void A_merge_rate_is_for_the_writers_of_shards(long rate, long? expected)
    {
        var shards = (Options() with { MergeBytesPerSecond = rate }).Shards;
        shards.Validate();
        shards.Writer.MergeBytesPerSecond.ShouldBe(expected);
    }

    private static ReadOnlyMemory<byte> Json(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static CreateIndex Create(string name, int shards) => new(
        Guid.NewGuid(), name, shards, 0, TimeSpan.FromSeconds(1),
        new Mapping(DynamicMapping.True, FieldMapping.EmptyFields.Add("v", new FieldMapping(FieldType.SparseVector)).Add("k", new FieldMapping(FieldType.Keyword))));

    private static WriteOperation Put(string index, string id, int value) =>
        new(WriteKind.Index, index, id, Json($"{{\"k\":\"{id}\",\"v\":{{\"all\":1,\"t{value % 7}\":{1 + (value % 5)}.5,\"a.b\":0.25}}}}"));

    private static Task<ImmutableArray<WriteResult>> WriteAsync(ISearchCluster cluster, IEnumerable<WriteOperation> operations) =>
        cluster.WriteAsync([.. operations], RefreshPolicy.Immediate, Timeout, default);

    private static Task<SearchResult> SearchAsync(ISearchCluster cluster) => cluster.SearchAsync(
        new SearchRequest(
            cluster.Catalog.Indices, new SparseVectorSearch("v", [new FeatureWeight("all", 1f), new FeatureWeight("t3", 2f), new FeatureWeight("a.b", 1f)]), 0, 20)
        {
            Explain = true,
        },
        default);

    private ClusterNodeOptions Options() => new() { NodeName = "test", Port = 0, DataFolder = _folder.Path };

    private Task<ClusterNode> StartAsync() => ClusterNode.StartAsync(Options(), TimeProvider.System, default);
}
