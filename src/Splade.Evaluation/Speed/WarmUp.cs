using System.Runtime;

namespace Splade.Evaluation.Speed;

/// <summary>
/// Runs what is to be measured until the runtime has compiled it at its best: it counts calls, waits a tenth of a second and compiles again in the background, twice, so that
/// a number of passes says nothing. Before that a search of a few microseconds takes up to eight times as long.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="compiled">How many methods were compiled so far.</param>
internal sealed class WarmUp(TimeProvider time, Func<long> compiled)
{
    /// <summary>So long nothing was compiled.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(0.5);

    /// <summary>What else the process does compiles too, and has no end perhaps.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public WarmUp()
        : this(TimeProvider.System, () => JitInfo.GetCompiledMethodCount())
    {
    }

    /// <param name="round">A pass of everything.</param>
    /// <param name="cancellationToken">Ends it between rounds.</param>
    public void Run(Action round, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(round);
        var start = time.GetTimestamp();
        var (last, since) = (compiled(), start);
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            round();
            if (compiled() is var now && now != last)
            {
                (last, since) = (now, time.GetTimestamp());
            }
        }
        while (time.GetElapsedTime(since) < Quiet && time.GetElapsedTime(start) < Patience);
    }
}
