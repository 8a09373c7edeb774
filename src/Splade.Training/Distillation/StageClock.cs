using System.Diagnostics;
using System.Text.Json;
using Splade.Training.Runs;

namespace Splade.Training.Distillation;

/// <summary>How long the stages of a run took, in wall and processor time, kept in a file over interruptions.</summary>
internal sealed class StageClock(string path)
{
    /// <summary>Time of a stage that is interrupted by an error or a request to stop counts, too; that of a killed process does not.</summary>
    public T Measure<T>(string stage, Func<T> work)
    {
        using var process = Process.GetCurrentProcess();
        var (wall, processor) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        try
        {
            return work();
        }
        finally
        {
            process.Refresh();
            var stages = Read();
            var before = stages.GetValueOrDefault(stage) ?? new StageTime(0, 0);
            stages[stage] = new StageTime(
                Math.Round(before.Seconds + Stopwatch.GetElapsedTime(wall).TotalSeconds, 1), Math.Round(before.ProcessorSeconds + (process.TotalProcessorTime - processor).TotalSeconds, 1));
            RunFolder.WriteAtomically(path, file => File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(stages)));
        }
    }

    public Dictionary<string, StageTime> Read() =>
        File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, StageTime>>(File.ReadAllBytes(path))! : new Dictionary<string, StageTime>(StringComparer.Ordinal);
}

/// <param name="Seconds">On the clock.</param>
/// <param name="ProcessorSeconds">Of all cores.</param>
internal sealed record StageTime(double Seconds, double ProcessorSeconds);
