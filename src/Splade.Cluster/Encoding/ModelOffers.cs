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
/// Describes a node's models. Each is loaded in the background when it is first seen, one after the other, so that describing never waits.
/// </summary>
internal sealed class ModelOffers(ModelRegistry models, ILoggingAdapter log)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<ModelInfo?>> _described = new(StringComparer.Ordinal);
    private Task _last = Task.CompletedTask;

    public OfferedModels Current
    {
        get
        {
            var names = models.List();
            lock (_lock)
            {
                foreach (var name in names.Where(n => !_described.ContainsKey(n)).OrderByDescending(n => n == ModelRegistry.DefaultModel))
                {
                    // A thread of its own: those of the pool are few, and loading takes long.
                    var described = _last.ContinueWith(
                        _ => Describe(name), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
                    _described.Add(name, described);
                    _last = described;
                }

                var done = names.ToLookup(n => _described[n].IsCompleted);
                return new OfferedModels([.. done[true].Select(n => _described[n].Result).OfType<ModelInfo>()], [.. done[false]]);
            }
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
