using System.Collections.Immutable;
using Splade.Cluster.Api;
using Splade.Cluster.Hosting;
using Splade.Tests;

namespace Splade.Cluster.Tests.Ingest;

/// <summary>Documents at the edge of what is allowed, through a real node, its segments and a restart.</summary>
public sealed class AwkwardDocumentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_acknowledged_is_there_after_flush_and_restart_and_what_was_refused_harmed_nobody()
    {
        await using (var node = await StartAsync())
        {
            var results = await WriteAsync(
                node.Cluster!,
                Put("empty", """{"k":"","list":[]}"""),
                Put("duplicate", """{"k":"a","k":"b"}"""),
                Put("dots", $"{{\"{string.Concat(Enumerable.Repeat("a.", 100_000))}a\":1}}"),
                Put("large", $"{{\"k\":\"{new string('x', 300_000)}\"}}"),
                Put("too-large", $"{{\"k\":\"{new string('x', 5_000_000)}\"}}"),
                Put("plain", """{"k":"слово"}"""),
                new WriteOperation(WriteKind.Update, "edge", "plain", Json("""{"doc":{"more":"ещё"}}""")),
                new WriteOperation(WriteKind.Update, "edge", "plain", Json("""{"doc":{"a":"\ud800"}}""")),
                new WriteOperation(WriteKind.Delete, "edge", "empty", default),
                Put("empty", """{"k":""}"""));
            results.Select(r => r.Error?.Type ?? r.Result).ShouldBe(
            [
                "created", "document_parsing_exception", "document_parsing_exception", "created", "illegal_argument_exception", "created", "updated",
                "document_parsing_exception", "deleted", "created",
            ]);
            results[4].Status.ShouldBe(413);
            (await node.Cluster!.FlushAsync(node.Cluster.Catalog.Indices, default)).Failures.ShouldBeEmpty();
        }

        await using (var node = await StartAsync())
        {
            var cluster = node.Cluster!;
            var index = cluster.Catalog.Indices.ShouldHaveSingleItem();
            var documents = await cluster.GetAsync(index, ["plain", "large", "empty", "duplicate"], default);
            System.Text.Encoding.UTF8.GetString(documents[0]!.Source.Span).ShouldBe("""{"k":"слово","more":"ещё"}""");
            documents[1]!.Source.Length.ShouldBe(300_008);
            documents[2]!.Version.ShouldBe(3);
            documents[3].ShouldBeNull();
            var found = await cluster.SearchAsync(new SearchRequest([index], new TermSearch("k.keyword", ""), 0, 10), default);
            found.Hits.ShouldHaveSingleItem().Id.ShouldBe("empty");
        }
    }

    private static WriteOperation Put(string id, string json) => new(WriteKind.Index, "edge", id, Json(json));

    private static ReadOnlyMemory<byte> Json(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static Task<ImmutableArray<WriteResult>> WriteAsync(ISearchCluster cluster, params WriteOperation[] operations) =>
        cluster.WriteAsync([.. operations], RefreshPolicy.WaitFor, TimeSpan.FromSeconds(60), default);

    private Task<ClusterNode> StartAsync() =>
        ClusterNode.StartAsync(new ClusterNodeOptions { NodeName = "test", Port = 0, DataFolder = _folder.Path }, TimeProvider.System, default);
}
