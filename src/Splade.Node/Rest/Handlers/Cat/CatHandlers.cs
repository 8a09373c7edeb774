using System.Globalization;
using Splade.Cluster.Api;
using Splade.Cluster.Hosting;
using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Handlers.Cluster;
using Splade.Node.Rest.Handlers.Search;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Cat;

/// <summary>Tables for people.</summary>
internal sealed class CatHandlers(TimeProvider time)
{
    private static readonly TimeSpan CountTimeout = TimeSpan.FromSeconds(1);
    private static readonly CatColumn[] ClockColumns = [new("epoch", "t,time", "seconds since 1970-01-01 00:00:00", true), new("timestamp", "ts,hms,hhmmss", "time in HH:MM:SS")];

    public IEnumerable<Route> Routes =>
    [
        new(["GET"], "/_cat", "The tables there are", Contents),
        .. Table("/_cat/indices", "Indices with their sizes", Indices, byIndex: true),
        .. Table("/_cat/shards", "Shards with their places", Shards, byIndex: true),
        .. Table("/_cat/nodes", "Nodes with their roles and loads", Nodes, byIndex: false),
        .. Table("/_cat/health", "Health of the cluster in one line", Health, byIndex: false),
        .. Table("/_cat/count", "How many documents there are", CountAsync, byIndex: true),
    ];

    private static IEnumerable<Route> Table(string path, string summary, Func<RestRequest, Task<CatTable>> fill, bool byIndex) =>
        (byIndex ? Route.Paths($"{path} | {path}/{{index}}") : Route.Paths(path)).Select(p => new Route(["GET"], p, summary, async request =>
        {
            ByteSize.Check(request.Query["bytes"]);
            var table = await fill(request).ConfigureAwait(false);
            return table.Respond(request, request.TextWanted);
        })
        {
            Parameters = [.. CatTable.Parameters, .. byIndex ? IndexOptions.Parameters : []], IsTable = true,
        });

    private static Task<RestResponse> Contents(RestRequest request) => Task.FromResult(RestResponse.OfText(
        "=^.^=\n/_cat/indices\n/_cat/indices/{index}\n/_cat/shards\n/_cat/shards/{index}\n/_cat/nodes\n/_cat/health\n/_cat/count\n/_cat/count/{index}\n"));

    private static async Task<CatTable> Indices(RestRequest request)
    {
        var unit = request.Query["bytes"];
        var table = new CatTable(
            new CatColumn("health", "h", "green: all shards serve, yellow: replicas are missing, red: leaders are missing"),
            new CatColumn("status", "s", "open"),
            new CatColumn("index", "i,idx", "name of the index"),
            new CatColumn("uuid", "id", "uuid of the index"),
            new CatColumn("pri", "p,shards.primary,shardsPrimary", "number of shards", true),
            new CatColumn("rep", "r,shards.replica,shardsReplica", "replicas asked for", true),
            new CatColumn("docs.count", "dc,docsCount", "live documents", true),
            new CatColumn("docs.deleted", "dd,docsDeleted", "deleted documents that no merge has removed yet", true),
            new CatColumn("creation.date", "cd", "time of creation in milliseconds since 1970", true, ByDefault: false),
            new CatColumn("store.size", "ss,storeSize", "size of all shards", true),
            new CatColumn("pri.store.size", "", "size of the leaders", true),
            new CatColumn("dataset.size", "", "size of the data set", true));
        foreach (var index in ClusterHealth.Of(request.Cluster.Nodes, request.ResolveIndices()).Indices)
        {
            var size = CatCell.OfBytes(index.Reports.Sum(s => s.SizeInBytes), unit);
            table.Add(
                CatCell.Of(ClusterHealth.Name(index.Status)),
                CatCell.Of("open"),
                CatCell.Of(index.Index.Name),
                CatCell.Of(index.Index.Uuid),
                CatCell.Of(index.Index.NumberOfShards),
                CatCell.Of(index.Index.NumberOfReplicas),
                CatCell.Of(await DocumentsAsync(request, index.Index, index.Reports.Sum(s => s.DocumentCount)).ConfigureAwait(false)),
                CatCell.Of(index.Reports.Sum(s => s.DeletedCount)),
                CatCell.Of(index.Index.CreatedAt.ToUnixTimeMilliseconds()),
                size,
                size,
                size);
        }

        return table;
    }

    /// <summary>Counted, because reports are up to a second old and a refresh must show at once; as reported where no shard answers.</summary>
    private static async Task<long> DocumentsAsync(RestRequest request, IndexMetadata index, long reported)
    {
        try
        {
            var counted = new SearchRequest([index], new MatchAllSearch(), 0, 0) { Timeout = CountTimeout };
            var result = await request.Cluster.SearchAsync(counted, request.Aborted).ConfigureAwait(false);
            return result.ShardsSuccessful == 0 ? reported : result.Total;
        }
        catch (SearchClusterException)
        {
            return reported;
        }
    }

    private static Task<CatTable> Shards(RestRequest request)
    {
        var unit = request.Query["bytes"];
        var table = new CatTable(
            new CatColumn("index", "i,idx", "name of the index"),
            new CatColumn("shard", "s,sh", "number of the shard", true),
            new CatColumn("prirep", "p,pr,primaryOrReplica", "p for the leader, r for a replica"),
            new CatColumn("state", "st", "STARTED, INITIALIZING or UNASSIGNED"),
            new CatColumn("docs", "d,dc", "live documents", true),
            new CatColumn("store", "sto", "size", true),
            new CatColumn("ip", "", "address of the node"),
            new CatColumn("id", "", "id of the node", ByDefault: false),
            new CatColumn("node", "n", "name of the node"),
            new CatColumn("segments.count", "sc,segmentsCount", "segments", true, ByDefault: false),
            new CatColumn("unassigned.details", "ud", "why the shard does not serve", ByDefault: false));
        foreach (var index in ClusterHealth.Of(request.Cluster.Nodes, request.ResolveIndices()).Indices)
        {
            foreach (var place in index.Primaries)
            {
                table.Add(
                    CatCell.Of(index.Index.Name),
                    CatCell.Of(place.Shard.Number),
                    CatCell.Of("p"),
                    CatCell.Of(place.State),
                    place.Status is { } status ? CatCell.Of(status.DocumentCount) : default,
                    CatCell.OfBytes(place.Status?.SizeInBytes, unit),
                    CatCell.Of(HostOf(place.Node?.HttpUrl)),
                    CatCell.Of(place.Node is null ? null : ClusterHandlers.NodeId(place.Node)),
                    CatCell.Of(place.Node?.Name),
                    place.Status is { } open ? CatCell.Of(open.SegmentCount) : default,
                    CatCell.Of(place.Status?.Problem));
                for (var replica = 0; replica < index.Index.NumberOfReplicas; replica++)
                {
                    table.Add(
                        CatCell.Of(index.Index.Name), CatCell.Of(place.Shard.Number), CatCell.Of("r"), CatCell.Of("UNASSIGNED"), default, default, default, default, default, default,
                        CatCell.Of("replicas are not placed yet"));
                }
            }
        }

        return Task.FromResult(table);
    }

    private static Task<CatTable> Nodes(RestRequest request)
    {
        var unit = request.Query["bytes"];
        var table = new CatTable(
            new CatColumn("id", "nodeId", "id of the node", ByDefault: false),
            new CatColumn("ip", "i", "address"),
            new CatColumn("http", "http_address", "where HTTP is served"),
            new CatColumn("heap.current", "hc,heapCurrent", "managed heap", true),
            new CatColumn("ram.current", "rc,ramCurrent", "resident set of the process", true),
            new CatColumn("ram.files", "rf,ramFiles", "pages of mapped files in it: segments and the program's own", true, ByDefault: false),
            new CatColumn("cpu", "", "CPU of all cores in percent", true),
            new CatColumn("node.role", "r,role,nodeRole", "roles"),
            new CatColumn("master", "m", "* for the node that runs the catalog"),
            new CatColumn("name", "n", "name"),
            new CatColumn("shards", "sh", "shards that it leads", true, ByDefault: false),
            new CatColumn("segments.count", "sc,segmentsCount", "segments of its shards", true, ByDefault: false),
            new CatColumn("segments.memory", "sm,segmentsMemory", "segments in the memory of the process", true, ByDefault: false),
            new CatColumn("segments.mapped", "smp,segmentsMapped", "segments in mapped files", true, ByDefault: false),
            new CatColumn("models", "", "models that it encodes with; with a part of the fingerprint where encoders have different packages of one name", ByDefault: false),
            new CatColumn("provider", "ep", "what its models run on: CPU or CUDA"),
            new CatColumn("version", "v", "version of the software", ByDefault: false),
            new CatColumn("transport", "", "address for --seed-nodes", ByDefault: false),
            new CatColumn("reachable", "", "false while the node does not answer", ByDefault: false));
        var conflicts = request.Cluster.Nodes.ModelConflicts.Select(c => c.Model).ToHashSet();
        foreach (var view in request.Cluster.Nodes.Nodes)
        {
            var (report, node) = (view.Report, view.Report.Node);
            table.Add(
                CatCell.Of(ClusterHandlers.NodeId(node)),
                CatCell.Of(HostOf(node.HttpUrl)),
                CatCell.Of(node.HttpUrl),
                CatCell.OfBytes(report.HeapBytes, unit),
                CatCell.OfBytes(report.ResidentBytes, unit),
                CatCell.OfBytes(report.ResidentFileBytes, unit),
                CatCell.Of(report.CpuPercent),
                CatCell.Of(string.Join(',', node.Roles)),
                CatCell.Of(view.Leader ? "*" : "-"),
                CatCell.Of(node.Name),
                CatCell.Of(report.Shards.Length),
                CatCell.Of(report.Shards.Sum(s => s.SegmentCount)),
                CatCell.OfBytes(report.Shards.Sum(s => s.SizeInBytes - s.MappedBytes), unit),
                CatCell.OfBytes(report.Shards.Sum(s => s.MappedBytes), unit),
                CatCell.Of(string.Join(',', report.Models.Select(m => conflicts.Contains(m.Name) ? $"{m.Name}@{m.Fingerprint[..Math.Min(8, m.Fingerprint.Length)]}" : m.Name))),
                CatCell.Of(string.Join(',', report.Models.Select(m => m.Provider).Distinct())),
                CatCell.Of(node.Version),
                CatCell.Of(node.Address),
                CatCell.Of(view.Reachable ? "true" : "false"));
        }

        return Task.FromResult(table);
    }

    private Task<CatTable> Health(RestRequest request)
    {
        var table = new CatTable(
        [
            .. ClockColumns,
            new CatColumn("cluster", "cl", "name of the cluster"),
            new CatColumn("status", "st", "green, yellow or red"),
            new CatColumn("node.total", "nt,nodeTotal", "nodes", true),
            new CatColumn("node.data", "nd,nodeData", "nodes with the index role", true),
            new CatColumn("shards", "t,sh", "shards that serve", true),
            new CatColumn("pri", "p", "leaders that serve", true),
            new CatColumn("relo", "r", "shards that move", true),
            new CatColumn("init", "i", "shards that open", true),
            new CatColumn("unassign", "u", "shards and replicas without a place", true),
            new CatColumn("unassign.pri", "up", "leaders without a place", true),
            new CatColumn("pending_tasks", "pt", "changes that wait", true),
            new CatColumn("max_task_wait_time", "mtwt", "longest wait of them"),
            new CatColumn("active_shards_percent", "asp", "share of shards that serve", true),
        ]);
        var health = ClusterHealth.Of(request.Cluster.Nodes, request.Cluster.Catalog.Indices);
        table.Add(
        [
            .. Clock(),
            CatCell.Of(ClusterNodeOptions.SystemName),
            CatCell.Of(ClusterHealth.Name(health.Status)),
            CatCell.Of(health.Nodes),
            CatCell.Of(health.IndexNodes),
            CatCell.Of(health.Active),
            CatCell.Of(health.Active),
            CatCell.Of(0),
            CatCell.Of(health.Initializing),
            CatCell.Of(health.Unassigned),
            CatCell.Of(health.UnassignedPrimaries),
            CatCell.Of(0),
            CatCell.Of("-"),
            CatCell.Of(health.ActivePercent.ToString("0.0", CultureInfo.InvariantCulture) + "%"),
        ]);
        return Task.FromResult(table);
    }

    private async Task<CatTable> CountAsync(RestRequest request)
    {
        var result = await SearchExecution.CountAsync(request.Cluster, request.ResolveIndices(), new MatchAllSearch(), request.Aborted).ConfigureAwait(false);
        var table = new CatTable([.. ClockColumns, new CatColumn("count", "dc,docs.count,docsCount", "searchable documents", true)]);
        table.Add([.. Clock(), CatCell.Of(result.Total)]);
        return table;
    }

    private CatCell[] Clock()
    {
        var now = time.GetUtcNow();
        return [CatCell.Of(now.ToUnixTimeSeconds()), CatCell.Of(now.ToString("HH:mm:ss", CultureInfo.InvariantCulture))];
    }

    private static string? HostOf(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Host : null;
}
