using System.Text.Json;
using Splade.Training.Runs;

namespace Splade.Training.Distillation;

/// <summary>How long the stages of a run took, in wall and processor time, kept in a file over interruptions.</summary>
/// <remarks>Written every <see cref="Interval"/> while a stage runs, so that the time of a process that is killed counts, too.</remarks>
internal sealed class StageClock(string path, TimeProvider time)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();

    /// <summary>Adds the time of <paramref name="work"/> to the stage's, also where it ends with an error or a request to stop.</summary>
    public T Measure<T>(string stage, Func<T> work)
    {
        var before = Read().GetValueOrDefault(stage) ?? new StageTime(0, 0);
        var (wall, processor) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var isRunning = true;
        using var timer = time.CreateTimer(_ => Save(isLast: false), null, Interval, Interval);
        try
        {
            return work();
        }
        finally
        {
            Save(isLast: true);
        }

        void Save(bool isLast)
        {
            lock (_gate)
            {
                // A timer's callback may come after the stage's end.
                if (!isRunning)
                {
                    return;
                }

                isRunning = !isLast;
                var stages = Read();
                stages[stage] = new StageTime(
                    Math.Round(before.Seconds + time.GetElapsedTime(wall).TotalSeconds, 1),
                    Math.Round(before.ProcessorSeconds + (Environment.CpuUsage.TotalTime - processor).TotalSeconds, 1));
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                RunFolder.WriteAtomically(path, file => File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(stages)));
            }
        }
    }

    public Dictionary<string, StageTime> Read() =>
        File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, StageTime>>(File.ReadAllBytes(path))! : new Dictionary<string, StageTime>(StringComparer.Ordinal);
}

/// <param name="Seconds">On the clock.</param>
/// <param name="ProcessorSeconds">Of all cores.</param>
internal sealed record StageTime(double Seconds, double ProcessorSeconds);
