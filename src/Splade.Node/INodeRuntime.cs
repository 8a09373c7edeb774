using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Encoding;
using Splade.Cluster.Protocol.Nodes;

namespace Splade.Node;

/// <summary>What runs behind a node's HTTP side: its member of the cluster. Disposing it leaves the cluster.</summary>
public interface INodeRuntime : IAsyncDisposable
{
    /// <summary>Null without the coordinator role.</summary>
    ISearchCluster? Cluster { get; }

    /// <summary>The node is a full member and its roles serve.</summary>
    bool IsReady { get; }

    /// <summary>Why <see cref="IsReady"/> is false, one sentence each.</summary>
    IReadOnlyList<string> NotReadyReasons => IsReady ? [] : ["the node has not joined the cluster yet"];

    /// <summary>Completes when the node is no member of its cluster any more: disposed, removed by the others, or without its journal.</summary>
    Task Terminated { get; }

    /// <summary>Once <see cref="Terminated"/>: the other nodes removed this one, and nothing keeps it from joining them again.</summary>
    bool WasRemoved => false;

    /// <summary>Why the node ended by itself: a sentence that says what to do.</summary>
    string EndReason => "The node is no member of its cluster any more: start it again.";

    NodeInfo Node { get; }

    /// <summary>Models that this node can encode with.</summary>
    IReadOnlyList<ModelInfo> Models { get; }

    /// <summary>The shards that this node leads, opened or not.</summary>
    IReadOnlyList<ShardStatus> Shards => [];

    /// <summary>HTTP urls of coordinators, as far as a node without that role knows any.</summary>
    IReadOnlyList<string> CoordinatorUrls => [];
}
