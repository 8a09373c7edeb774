using System.Text.Json.Nodes;
using Splade.Cli.Client;
using Splade.Evaluation.Speed;

namespace Splade.Cli.Commands;

/// <summary>Searches of one index, exact or approximate.</summary>
internal sealed class RemoteContender(SpladeClient client, string path, string field, JsonObject[] vectors, double? heapFactor)
    : Contender(heapFactor is null ? "exact" : "approximate", heapFactor is { } factor ? FormattableString.Invariant($"heap_factor={factor}") : "")
{
    private JsonNode _last = new JsonObject();

    public override (long Postings, long Blocks) Work => (Sum("postings"), Sum("blocks"));

    public override void Search(int query, int k)
    {
        var sparse = new JsonObject { ["field"] = field, ["query_vector"] = vectors[query].DeepClone() };
        if (heapFactor is { } scale)
        {
            sparse["method_parameters"] = new JsonObject { ["heap_factor"] = scale };
        }

        var body = new JsonObject
        {
            ["size"] = k, ["_source"] = false, ["track_total_hits"] = false, ["profile"] = true, ["query"] = new JsonObject { ["sparse_vector"] = sparse },
        };
        _last = client.PostAsync($"/{path}/_search", body, CancellationToken.None).GetAwaiter().GetResult();
        if ((int)_last["_shards"]!["failed"]! > 0 || (bool)_last["timed_out"]!)
        {
            throw new CliException($"A search was not complete: {_last["_shards"]!.ToJsonString()}.");
        }
    }

    public override (string Row, double Score)[] Ranking() =>
        [.. _last["hits"]!["hits"]!.AsArray().Select(h => ((string)h!["_id"]!, (double)h["_score"]!))];

    public override Contender Share() => new RemoteContender(client, path, field, vectors, heapFactor);

    private long Sum(string name) => _last["profile"]!["shards"]!.AsArray().Sum(s => (long)s!["searches"]![0]!["query"]![0]!["debug"]![name]!);
}
