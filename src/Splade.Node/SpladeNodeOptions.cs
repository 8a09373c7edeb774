using Splade.Cluster.Hosting;

namespace Splade.Node;

/// <summary>A node: its HTTP side here, its part in the cluster in <see cref="Cluster"/>.</summary>
public sealed record SpladeNodeOptions
{
    private static readonly string[] KnownRoles = ["coordinator", "index", "encoder"];

    public required ClusterNodeOptions Cluster { get; init; }

    /// <summary>Address or host name that HTTP listens on; <c>0.0.0.0</c> and <c>::</c> are all interfaces.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0 takes a free port.</summary>
    public int HttpPort { get; init; } = 9200;

    /// <summary>When set, every request but those for health must bring it.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Longest request body, in bytes, also after decompression.</summary>
    public long MaxBodyBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>Bytes of request bodies held in memory at a time, all requests together. More is refused with 429.</summary>
    public long MaxBodyBytesInFlight { get; init; } = 512L * 1024 * 1024;

    public IReadOnlyList<string> Roles => Cluster.Roles;

    /// <exception cref="NodeStartException">An option has a value that can't work.</exception>
    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Host))
        {
            throw new NodeStartException("The host to listen on is empty: give an address such as 127.0.0.1.");
        }

        if (HttpPort is < 0 or > 65_535)
        {
            throw new NodeStartException($"The HTTP port {HttpPort} is out of range: give one from 1 to 65535, or 0 for a free one.");
        }

        if (ApiKey is not null && (ApiKey.Length < 8 || ApiKey.Any(c => c is <= ' ' or > '~')))
        {
            throw new NodeStartException("The API key must have at least 8 characters, all of them printable ASCII without blanks.");
        }

        if (MaxBodyBytes < 1024 || MaxBodyBytes > int.MaxValue / 2 || MaxBodyBytesInFlight < MaxBodyBytes)
        {
            throw new NodeStartException("The longest request body must be between 1 KB and 1 GB, and not more than all bodies in flight.");
        }

        if (Roles.Count == 0 || Roles.Except(KnownRoles, StringComparer.Ordinal).Any())
        {
            throw new NodeStartException($"The roles [{string.Join(',', Roles)}] are not valid: give one or more of {string.Join(", ", KnownRoles)}.");
        }
    }
}
