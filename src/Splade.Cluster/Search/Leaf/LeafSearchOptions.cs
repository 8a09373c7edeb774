namespace Splade.Cluster.Search.Leaf;

/// <summary>Settings of leaf searches.</summary>
public sealed record LeafSearchOptions
{
    /// <summary>Shards searched at the same time on a node.</summary>
    public int Permits { get; init; } = Environment.ProcessorCount;

    /// <summary>How long the view of a search is kept for its fetch.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of documents in one answer.</summary>
    public int AnswerBytes { get; init; } = 1 << 20;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Permits, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaseTime, TimeSpan.FromMilliseconds(100));
        ArgumentOutOfRangeException.ThrowIfLessThan(AnswerBytes, 1024);
    }
}
