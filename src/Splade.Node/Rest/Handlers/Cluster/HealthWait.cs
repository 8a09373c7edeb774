using System.Globalization;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Cluster;

/// <summary>What a health request waits for.</summary>
internal sealed record HealthWait(HealthStatus? Status, Func<int, bool>? Nodes, int? ActiveShards, bool AllActive, bool NoInitializing, TimeSpan Timeout)
{
    public static readonly string[] Parameters =
    [
        "wait_for_status", "wait_for_nodes", "wait_for_active_shards", "wait_for_no_initializing_shards", "wait_for_no_relocating_shards", "timeout",
        "master_timeout", "level", "local",
    ];

    public static HealthWait Parse(QueryParameters query)
    {
        HealthStatus? status = query["wait_for_status"] switch
        {
            null => null,
            "green" or "GREEN" => HealthStatus.Green,
            "yellow" or "YELLOW" => HealthStatus.Yellow,
            "red" or "RED" => HealthStatus.Red,
            var other => throw RestErrors.IllegalArgument($"unknown cluster health status [{other}]: give [green], [yellow] or [red]"),
        };
        var active = query["wait_for_active_shards"];

        // Shards do not relocate while they serve here, so waiting for that is met at once.
        query.Flag("wait_for_no_relocating_shards");
        return new HealthWait(
            status,
            query["wait_for_nodes"] is { } nodes ? ParseNodes(nodes) : null,
            active is null or "all" ? null : query.Int("wait_for_active_shards"),
            active == "all",
            query.Flag("wait_for_no_initializing_shards"),
            query.Time("timeout") ?? TimeSpan.FromSeconds(30));
    }

    public bool IsMet(ClusterHealth health) =>
        (Status is not { } status || health.Status <= status)
        && (Nodes is null || Nodes(health.Nodes))
        && (ActiveShards is not { } shards || health.Active >= shards)
        && (!AllActive || health.Initializing + health.Unassigned == 0)
        && (!NoInitializing || health.Initializing == 0);

    /// <summary><c>3</c>, <c>&gt;=3</c>, <c>ge(3)</c> and the like.</summary>
    private static Func<int, bool> ParseNodes(string text)
    {
        foreach (var (symbol, word, fits) in Comparisons)
        {
            var number = text.StartsWith(symbol, StringComparison.Ordinal) ? text[symbol.Length..]
                : text.StartsWith(word + "(", StringComparison.Ordinal) && text.EndsWith(')') ? text[(word.Length + 1)..^1]
                : null;
            if (number is not null)
            {
                var wanted = Number(number, text);
                return count => fits(count, wanted);
            }
        }

        var exact = Number(text, text);
        return count => count == exact;
    }

    private static readonly (string Symbol, string Word, Func<int, int, bool> Fits)[] Comparisons =
    [
        (">=", "ge", (count, wanted) => count >= wanted), ("<=", "le", (count, wanted) => count <= wanted),
        (">", "gt", (count, wanted) => count > wanted), ("<", "lt", (count, wanted) => count < wanted),
    ];

    private static int Number(string text, string whole) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw RestErrors.IllegalArgument($"[wait_for_nodes] of [{whole}] is no number with an optional >=, <=, > or <");
}
