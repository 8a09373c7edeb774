namespace Splade.Cluster.Protocol;

/// <summary>Everything that crosses a wire or reaches the journal. Bound to <c>ProtocolSerializer</c>; never falls back to JSON.</summary>
public interface ISpladeProtocol;

/// <summary>An event in the journal. Its bytes must stay readable for ever: fields are only added.</summary>
public interface IJournalEvent : ISpladeProtocol;

/// <summary>A message to the leader of an index shard, delivered through Cluster Sharding.</summary>
public interface IShardMessage : ISpladeProtocol
{
    ShardId Shard { get; }
}
