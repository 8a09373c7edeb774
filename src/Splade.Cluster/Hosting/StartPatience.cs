namespace Splade.Cluster.Hosting;

/// <summary>
/// How long a node that starts waits for others. Starting takes 4 s of the processor, most of it for compiling; a machine with more work than
/// processors makes a minute of that, on each side. So time alone is no reason to give up on who answers: only silence is.
/// </summary>
internal static class StartPatience
{
    /// <summary>Nobody is there who could answer.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>Somebody is there, but not ready yet.</summary>
    public static readonly TimeSpan Answering = TimeSpan.FromMinutes(5);

    /// <summary>Between two looks at who is there.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>Between two lines in the log that say what the node waits for.</summary>
    public static readonly TimeSpan Report = TimeSpan.FromSeconds(10);
}
