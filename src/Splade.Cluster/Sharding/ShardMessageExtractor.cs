using Akka.Cluster.Sharding;
using Splade.Cluster.Protocol;

namespace Splade.Cluster.Sharding;

/// <summary>One Akka shard for each index shard: a hash would put several into one and leave others empty.</summary>
internal sealed class ShardMessageExtractor : IMessageExtractor
{
    public string? EntityId(object message) => (message as IShardMessage)?.Shard.ToString();

    public object EntityMessage(object message) => message;

    public string? ShardId(object message) => EntityId(message);

    public string ShardId(string entityId, object? messageHint = null) => entityId;
}

/// <summary>Hand-off: the leader finishes what it is persisting and stops.</summary>
internal sealed class StopIndexShard
{
    public static readonly StopIndexShard Instance = new();
}
