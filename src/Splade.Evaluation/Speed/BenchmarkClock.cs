using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Splade.Evaluation.Speed;

/// <summary>What times are.</summary>
public enum BenchmarkClock
{
    /// <summary>What a user waits.</summary>
    Wall,

    /// <summary>Processor time of the searching thread (Linux only): what a search takes on a machine that does other things too.</summary>
    Processor,
}

internal static partial class BenchmarkClocks
{
    private const int ThreadProcessorTime = 3;

    /// <summary>Now, in microseconds from some start.</summary>
    public static double Now(this BenchmarkClock clock)
    {
        if (clock == BenchmarkClock.Wall)
        {
            return Stopwatch.GetTimestamp() * (1e6 / Stopwatch.Frequency);
        }

        _ = GetTime(ThreadProcessorTime, out var time);
        return (time.Seconds * 1e6) + (time.Nanoseconds / 1e3);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
