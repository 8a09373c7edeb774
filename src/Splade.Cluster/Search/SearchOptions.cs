namespace Splade.Cluster.Search;

/// <summary>Settings of a coordinator's searches.</summary>
public sealed record SearchOptions
{
    /// <summary>How long a search without a timeout of its own may take.</summary>
    public TimeSpan DefaultTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a search waits for a shard that no node leads (it may be starting or moving).</summary>
    public TimeSpan PlacementTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(DefaultTimeout, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(PlacementTimeout, TimeSpan.Zero);
    }
}
