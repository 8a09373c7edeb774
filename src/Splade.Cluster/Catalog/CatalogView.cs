using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Catalog;

/// <summary>The newest snapshot that a node has, and those who wait for a newer one.</summary>
internal sealed class CatalogView : ICatalogView
{
    private readonly Lock _lock = new();
    private readonly List<(long Version, TaskCompletionSource Done)> _waiting = [];
    private volatile CatalogSnapshot _current = new(-1, "", [], []);

    public CatalogSnapshot Current => _current;

    public void Update(CatalogSnapshot snapshot)
    {
        lock (_lock)
        {
            if (snapshot.Version <= _current.Version)
            {
                return;
            }

            _current = snapshot;
            foreach (var (_, done) in _waiting.Where(w => w.Version <= snapshot.Version))
            {
                done.TrySetResult();
            }

            _waiting.RemoveAll(w => w.Version <= snapshot.Version);
        }
    }

    public Task WaitForVersionAsync(long version, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_current.Version >= version)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((version, done));
            return done.Task.WaitAsync(cancellationToken);
        }
    }
}
