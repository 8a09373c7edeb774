using System.Text.Json.Nodes;

namespace Splade.Cli.Client;

/// <summary>Fields of an index. To the node a field that no document has is a search without hits; to a person it is a wrong name.</summary>
internal static class IndexFields
{
    /// <param name="client">A node.</param>
    /// <param name="index">The index.</param>
    /// <param name="field">Must be one of its fields, of one of the types.</param>
    /// <param name="types">Types of fields that can be searched.</param>
    /// <param name="needs">What to say when it has no field of the types.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CliException">The index has no such field; the message tells which it has.</exception>
    public static async Task CheckAsync(SpladeClient client, string index, string field, string[] types, string needs, CancellationToken cancellationToken)
    {
        var mappings = await client.GetAsync($"/{Uri.EscapeDataString(index)}/_mapping", cancellationToken).ConfigureAwait(false);
        var fields = mappings.AsObject().SelectMany(i => OfTypes(i.Value!["mappings"]?["properties"], types, "")).Distinct().ToArray();
        if (!fields.Contains(field))
        {
            throw new CliException(
                fields.Length == 0
                    ? $"The index {index} has no {string.Join(" or ", types)} field: {needs}"
                    : $"The index {index} has no field {field} to search: name one with --field. It has {string.Join(", ", fields)}.");
        }
    }

    private static IEnumerable<string> OfTypes(JsonNode? properties, string[] types, string prefix) =>
        (properties?.AsObject() ?? []).SelectMany(p => types.Contains((string?)p.Value!["type"])
            ? [prefix + p.Key]
            : OfTypes(p.Value["properties"], types, prefix + p.Key + "."));
}
