namespace Splade.Cluster.Membership;

/// <summary>
/// Time in which this process ran: a pause between two readings counts for no more than <paramref name="longest"/>. Whoever stood still (a busy or
/// suspended machine, a stopped process, a long collection) has heard nothing meanwhile, and can't blame the others for it.
/// </summary>
/// <param name="time">The clock that goes on.</param>
/// <param name="longest">Longer than the time between two readings of a process that runs.</param>
internal sealed class RunningClock(TimeProvider time, TimeSpan longest)
{
    private readonly Lock _lock = new();
    private long _last = time.GetTimestamp();
    private TimeSpan _ran;

    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
            {
                var now = time.GetTimestamp();
                var pause = time.GetElapsedTime(_last, now);
                _ran += pause < longest ? pause : longest;
                _last = now;
                return _ran;
            }
        }
    }
}
