using System.Collections.Immutable;
using Akka.Event;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;

namespace Splade.Cluster.Encoding;

/// <param name="Ready">Sparse models that can be used. A broken one is left out.</param>
/// <param name="Loading">Names of packages that are not loaded yet.</param>
internal sealed record OfferedModels(ImmutableArray<ModelInfo> Ready, ImmutableArray<string> Loading)
{
    public static readonly OfferedModels None = new([], []);
}

/// <summary>
/// Describes a node's models. Each is loaded in the background when it is first seen or was changed, one after the other, so that describing never waits.
/// </summary>
internal sealed class ModelOffers(ModelRegistry models, ILoggingAdapter log)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string? Stamp, Task<ModelInfo?> Info)> _described = new(StringComparer.Ordinal);
    private Task _last = Task.CompletedTask;

    public OfferedModels Current
    {
        get
        {
            var names = models.List();
            lock (_lock)
            {
                var stamps = names.ToDictionary(n => n, models.StampOf, StringComparer.Ordinal);
                ForgetChanged(stamps);
                foreach (var name in names.Where(n => !_described.ContainsKey(n)).OrderByDescending(n => n == ModelRegistry.DefaultModel))
                {
                    // A thread of its own: those of the pool are few, and loading takes long.
                    var described = _last.ContinueWith(
                        _ => Describe(name), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
                    _described.Add(name, (stamps[name], described));
                    _last = described;
                }

                var done = names.ToLookup(n => _described[n].Info.IsCompleted);
                return new OfferedModels([.. done[true].Select(n => _described[n].Info.Result).OfType<ModelInfo>()], [.. done[false]]);
            }
        }
    }

    /// <summary>Packages that were replaced, changed or removed while the node runs.</summary>
    private void ForgetChanged(Dictionary<string, string?> stamps)
    {
        var changed = _described.Where(d => !stamps.TryGetValue(d.Key, out var stamp) || stamp != d.Value.Stamp).Select(d => d.Key).ToArray();
        foreach (var name in changed)
        {
            log.Warning(stamps.ContainsKey(name) ? "model {0} was changed: it is loaded anew" : "model {0} was removed: it is offered no more", name);
            _described.Remove(name);
        }

        if (changed.Length > 0)
        {
            models.Refresh();
        }
    }

    private ModelInfo? Describe(string name)
    {
        try
        {
            if (models.TaskOf(name) != ModelTask.SparseEmbedding)
            {
                return null;
            }

            var description = models.Get(name).Description;
            return new ModelInfo(
                name, description.VocabularySize, description.MaxTokens, description.InferenceFreeQueries, description.Provider, description.Fingerprint);
        }
        catch (Exception exception)
        {
            log.Error("model {0} is not offered, because it can't be used: {1}", name, exception.Message);
            return null;
        }
    }
}
