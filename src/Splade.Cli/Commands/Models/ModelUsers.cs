using System.CommandLine;
using System.Text.Json.Nodes;
using Splade.Cli.Client;

namespace Splade.Cli.Commands.Models;

/// <summary>Which indices use a model, where a node can be asked.</summary>
internal static class ModelUsers
{
    /// <summary>A node that is there answers at once, and no node is fine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <returns>Names of indices with a field of the model; none when no node answers or it refuses to tell.</returns>
    public static async Task<IReadOnlyList<string>> FindAsync(ConnectionOptions connection, ParseResult parsed, string model, CancellationToken cancellationToken)
    {
        using var client = connection.Connect(parsed, Patience);
        try
        {
            var mappings = await client.SendOnceAsync(HttpMethod.Get, "/_mapping", null, "application/json", cancellationToken).ConfigureAwait(false);
            return [.. mappings.AsObject().Where(i => Names(i.Value, model)).Select(i => i.Key).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is NoAnswerException or NodeRefusedException)
        {
            return [];
        }
    }

    private static bool Names(JsonNode? node, string model) => node switch
    {
        JsonObject json => json.Any(p => p.Key == "inference_id" && p.Value?.GetValueKind() == System.Text.Json.JsonValueKind.String ? (string?)p.Value == model : Names(p.Value, model)),
        JsonArray items => items.Any(i => Names(i, model)),
        _ => false,
    };
}
