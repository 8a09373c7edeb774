using Splade.Cluster.Membership;
using Splade.Cluster.Sharding;
using Splade.Encoding;

namespace Splade.Cluster.Hosting;

/// <summary>How a node takes part in the cluster. Rendered to HOCON and put in front of the files of cluster-config.</summary>
public sealed record ClusterNodeOptions
{
    /// <summary>Name of the actor system: the same on every node of a cluster.</summary>
    public const string SystemName = "splade";

    /// <summary>Readable node name for tables and logs.</summary>
    public required string NodeName { get; init; }

    /// <summary>Address that the node binds and announces.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; } = 4053;

    /// <summary>Some of coordinator, index, encoder.</summary>
    public IReadOnlyList<string> Roles { get; init; } = ["coordinator", "index", "encoder"];

    /// <summary>Akka addresses of nodes to join; empty: the node founds a cluster.</summary>
    public IReadOnlyList<string> SeedNodes { get; init; } = [];

    /// <summary>Local data: SQLite journal, models, staging.</summary>
    public required string DataFolder { get; init; }

    /// <summary><c>sqlite</c>, or a PostgreSQL connection string.</summary>
    public string Journal { get; init; } = "sqlite";

    /// <summary>Folder of the segment store; null: <c>{data}/segments</c>.</summary>
    public string? SegmentFolder { get; init; }

    /// <summary>Folder with the HOCON files; null: <c>cluster-config</c> beside the executable.</summary>
    public string? ConfigFolder { get; init; }

    /// <summary>How models run, on a node with the encoder role.</summary>
    public EncoderOptions Encoder { get; init; } = new();

    /// <summary>Bytes a second that the merge of a shard may write, so that it leaves the disk to searches; 0 for no limit.</summary>
    public long MergeBytesPerSecond { get; init; }

    /// <summary>Told to other nodes: where this node serves HTTP.</summary>
    public string HttpUrl { get; init; } = "";

    /// <summary>Told while the node starts what it does or waits for, as the end of a sentence that begins with the node.</summary>
    public Action<string> OnStarting { get; init; } = static _ => { };

    /// <summary>Catalog and shards are journalled; encoders keep nothing.</summary>
    internal bool UsesJournal => Roles.Any(r => r != NodeRoles.Encoder);

    /// <summary>For the shards that the node leads.</summary>
    internal IndexShardOptions Shards => new() { MergeBytesPerSecond = MergeBytesPerSecond };
}
