using Akka.Actor;
using Akka.Event;
using Splade.Encoding;
using Splade.Encoding.Caching;

namespace Splade.Cluster.Encoding;

/// <summary>Settings of an encoder node.</summary>
public sealed record EncoderRoleOptions
{
    /// <summary>Credit of a worker: tokens of one batch, estimated.</summary>
    public int BatchTokens { get; init; } = 16_384;

    /// <summary>Workers, each with one batch at a time. One is right for the CPU: ONNX Runtime uses all cores for it.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Bytes of memory for vectors of texts that were encoded before; 0 for none. Re-imports and repeated texts are then free.</summary>
    public long CacheBytes { get; init; } = 128L << 20;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(CacheBytes);
    }
}

/// <summary>Starts what a node with the encoder role runs.</summary>
internal static class EncoderRole
{
    /// <returns>The models that this node offers, as known now.</returns>
    public static Func<OfferedModels> Start(ActorSystem system, ModelRegistry models, EncoderRoleOptions options, TimeProvider time)
    {
        options.Validate();
        var cache = new EncodedTextCache(options.CacheBytes);
        for (var i = 0; i < options.Workers; i++)
        {
            system.ActorOf(Props.Create(() => new EncoderWorkerActor(models, cache, options)), $"encoder-worker-{i}");
        }

        system.ActorOf(Props.Create(() => new QueryEncoderActor(models, time)), QueryEncoderActor.Name);
        var offers = new ModelOffers(models, Logging.GetLogger(system, typeof(ModelOffers)));
        return () => offers.Current;
    }
}
