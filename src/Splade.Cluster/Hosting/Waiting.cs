namespace Splade.Cluster.Hosting;

/// <summary>How long a node has waited for others, how long without a sign of them, and when to say so again.</summary>
internal sealed class Waiting(TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private long _heard = time.GetTimestamp();
    private long _reported = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    public TimeSpan Silence => time.GetElapsedTime(_heard);

    /// <summary>Somebody is there.</summary>
    public void Heard() => _heard = time.GetTimestamp();

    /// <summary>True once in <see cref="StartPatience.Report"/>.</summary>
    public bool ShouldReport()
    {
        if (time.GetElapsedTime(_reported) < StartPatience.Report)
        {
            return false;
        }

        _reported = time.GetTimestamp();
        return true;
    }
}
