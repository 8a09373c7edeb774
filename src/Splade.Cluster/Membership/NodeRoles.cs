namespace Splade.Cluster.Membership;

/// <summary>What a node does.</summary>
public static class NodeRoles
{
    public const string Coordinator = "coordinator";
    public const string Index = "index";
    public const string Encoder = "encoder";

    public static IReadOnlyList<string> All { get; } = [Coordinator, Index, Encoder];
}
