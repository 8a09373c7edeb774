using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Catalog;

/// <summary>A node's copy of the catalog, kept up to date by the catalog replica actor. Safe to read from any thread.</summary>
internal interface ICatalogView
{
    /// <summary>Version -1 until the first snapshot has arrived.</summary>
    CatalogSnapshot Current { get; }

    /// <summary>Completes when <see cref="Current"/> is at least of this version.</summary>
    Task WaitForVersionAsync(long version, CancellationToken cancellationToken);
}
