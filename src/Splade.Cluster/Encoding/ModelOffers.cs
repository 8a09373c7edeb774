using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Event;
using Splade.Cluster.Protocol.Encoding;
using Splade.Encoding;

namespace Splade.Cluster.Encoding;

/// <summary>Describes a node's models. Each is loaded in the background when it is first seen, so that describing never waits.</summary>
internal sealed class ModelOffers(ModelRegistry models, ILoggingAdapter log)
{
    private readonly ConcurrentDictionary<string, Task<ModelInfo?>> _described = new(StringComparer.Ordinal);
    private readonly Lock _oneAtATime = new();

    /// <summary>Sparse models that can be used. One that is loading or broken is left out.</summary>
    public ImmutableArray<ModelInfo> Current
    {
        get
        {
            var names = models.List();
            foreach (var name in names.OrderByDescending(n => n == ModelRegistry.DefaultModel))
            {
                _described.GetOrAdd(name, n => Task.Run(() => Describe(n)));
            }

            return [.. names.Select(n => _described[n]).Where(t => t.IsCompletedSuccessfully && t.Result is not null).Select(t => t.Result!)];
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

            ModelDescription description;
            lock (_oneAtATime)
            {
                description = models.Get(name).Description;
            }

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
