using Akka.Actor;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Catalog;

/// <summary>Sends commands to the catalog singleton, repeats them until answered, and waits until this node has seen the change.</summary>
internal sealed class CatalogClient(IActorRef catalog, ICatalogView view, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(3);

    /// <exception cref="SearchClusterException">The catalog refused, or did not answer in time.</exception>
    public async Task<IndexMetadata?> SendAsync(ICatalogCommand command, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + Timeout;
        while (true)
        {
            try
            {
                switch (await catalog.Ask<object>(command, Attempt, cancellationToken).ConfigureAwait(false))
                {
                    case CatalogRefused refused:
                        throw new SearchClusterException(refused.Error);
                    case CatalogAccepted accepted:
                        await view.WaitForVersionAsync(accepted.Version, cancellationToken).WaitAsync(Timeout, time, cancellationToken).ConfigureAwait(false);
                        return accepted.Index;
                }
            }
            catch (AskTimeoutException) when (time.GetUtcNow() < deadline)
            {
                // The singleton may be moving; the command is done once however often it is sent.
            }
            catch (Exception exception) when (exception is AskTimeoutException or TimeoutException)
            {
                throw Errors.Of("process_cluster_event_timeout_exception", "the catalog did not answer in time: is a majority of the coordinators up?", 503);
            }
        }
    }

    public async Task<IndexMetadata> ExtendMappingAsync(IndexMetadata index, Mapping additions, CancellationToken cancellationToken) =>
        (await SendAsync(new ExtendMapping(Guid.NewGuid(), index.Name, index.Uuid, additions), cancellationToken).ConfigureAwait(false))!;

    /// <summary>The index of a write that names none of the catalog: made with a dynamic mapping, unless somebody else was faster.</summary>
    public async Task<IndexMetadata> CreateMissingAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var create = new CreateIndex(Guid.NewGuid(), name, 1, 0, TimeSpan.FromSeconds(1), Mapping.Empty);
            return (await SendAsync(create, cancellationToken).ConfigureAwait(false))!;
        }
        catch (SearchClusterException exists) when (exists.Error.Type == "resource_already_exists_exception")
        {
            return view.Current.Indices.FirstOrDefault(i => i.Name == name) ?? throw Errors.NoSuchIndex(name);
        }
    }
}
