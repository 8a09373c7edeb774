using System.Text.Json.Nodes;
using Splade.Cli.Client;
using Splade.Evaluation.Collections;
using Splade.Evaluation.Speed;

namespace Splade.Cli.Commands;

/// <summary>
/// Measures a running index by its REST API: what a client waits, the network included. There is no yardstick, and recall is against the exact answers of the index itself.
/// </summary>
internal sealed class RemoteBenchmark(SpladeClient client, string index, string field)
{
    public async Task<BenchmarkReport> RunAsync(VectorReader queries, BenchmarkOptions options, Action<BenchmarkProgress> progress, CancellationToken cancellationToken)
    {
        var vectors = queries.Rows().Take(options.MaxQueries).Select(q => VectorOf(q, queries.Vocabulary)).ToArray();
        if (vectors.Length == 0)
        {
            throw new FormatException($"{queries.Path} has no queries.");
        }

        await IndexFields.CheckAsync(client, index, field, ["sparse_vector", "semantic_text"], "only vectors are measured.", cancellationToken).ConfigureAwait(false);
        var path = Uri.EscapeDataString(index);
        var count = await client.GetAsync($"/{path}/_count", cancellationToken).ConfigureAwait(false);
        Contender[] contenders =
        [
            new RemoteContender(client, path, field, vectors, null),
            .. options.BoundScales.Select(s => new RemoteContender(client, path, field, vectors, s)),
        ];
        var results = await Task.Run(() => ContenderRace.Run(contenders, vectors.Length, options, null, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
        var sizes = (await client.GetAsync($"/_cat/indices/{path}?format=json&bytes=b", cancellationToken).ConfigureAwait(false)).AsArray();
        var nodes = (await client.GetAsync("/_cat/nodes?format=json&bytes=b", cancellationToken).ConfigureAwait(false)).AsArray();
        return new BenchmarkReport(
            (long)count["count"]!, 0, 0, 0, sizes.Sum(s => Number(s!["store.size"])), 0, nodes.Sum(n => Number(n!["ram.current"])), results);
    }

    private static long Number(JsonNode? text) => long.TryParse((string?)text, out var number) ? number : 0;

    private static JsonObject VectorOf(SparseVector row, Vocabulary vocabulary)
    {
        var vector = new JsonObject();
        for (var i = 0; i < row.Terms.Length; i++)
        {
            if (row.Weights[i] != 0)
            {
                vector.Add(vocabulary.Name(row.Terms[i]), row.Weights[i]);
            }
        }

        return vector;
    }
}
