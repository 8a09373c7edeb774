using System.Diagnostics;

namespace Splade.Cli.Commands.Models;

/// <summary>What the checks of sparse and dense models have in common.</summary>
internal static class CheckTools
{
    private const int Repetitions = 5;

    public static (T Result, double Milliseconds) Time<T>(Func<T> run)
    {
        var start = Stopwatch.GetTimestamp();
        return (run(), Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>Milliseconds, the median of a few runs.</summary>
    public static double Median<T>(Func<T> run) => Enumerable.Range(0, Repetitions).Select(_ => Time(run).Milliseconds).Order().ElementAt(Repetitions / 2);

    public static string InPassages(int passages) => passages == 1 ? "" : $" in {passages} passages";
}
