using Splade.Index;

namespace Splade.Benchmarks.Soak;

/// <summary>A flush or merge that runs beside the writing.</summary>
internal sealed class SoakJob
{
    private readonly FlushJob? _flush;
    private readonly MergeJob? _merge;
    private readonly CancellationTokenSource _broken = new();

    private SoakJob(FlushJob? flush, MergeJob? merge, int? flushed, string folder)
    {
        (_flush, _merge, Flushed) = (flush, merge, flushed);
        Running = Task.Run(() => _flush?.Run(folder, _broken.Token) ?? _merge!.Run(folder, _broken.Token));
    }

    public Task Running { get; }

    /// <summary>Operations that a flush makes durable; null for a merge.</summary>
    public int? Flushed { get; }

    /// <returns>Null when there is nothing to do.</returns>
    public static SoakJob? Begin(IndexWriter writer, string folder, int journaled, int kind)
    {
        if (kind < 2)
        {
            return writer.BeginFlush() is { } flush ? new SoakJob(flush, null, journaled, folder) : null;
        }

        return (kind == 2 ? writer.BeginMerge() : writer.ForceMerge()) is { } merge ? new SoakJob(null, merge, null, folder) : null;
    }

    /// <returns>Whether it came to its end.</returns>
    public async Task<bool> FinishAsync(IndexWriter writer, bool breakOff)
    {
        using var broken = _broken;
        try
        {
            if (breakOff)
            {
                await broken.CancelAsync().ConfigureAwait(false);
            }

            await Running.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Abandon(writer);
            return false;
        }

        Complete(writer);
        return true;
    }

    private void Complete(IndexWriter writer)
    {
        if (_flush is not null)
        {
            writer.Complete(_flush);
        }
        else
        {
            writer.Complete(_merge!);
        }
    }

    private void Abandon(IndexWriter writer)
    {
        if (_flush is not null)
        {
            writer.Abandon(_flush);
        }
        else
        {
            writer.Abandon(_merge!);
        }
    }
}
