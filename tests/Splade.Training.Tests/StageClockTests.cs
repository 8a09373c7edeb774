using Splade.Tests;
using Splade.Training.Distillation;

namespace Splade.Training.Tests;

public sealed class StageClockTests
{
    [Fact]
    public void Time_counts_while_a_stage_runs_so_that_a_killed_process_loses_none_of_it()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "run", "stages.json");
        var time = new ManualTime();
        new StageClock(file, time).Measure("first", () => time.Pass(TimeSpan.FromSeconds(3))).ShouldBe(3);
        new StageClock(file, time).Measure("second", () =>
        {
            time.Pass(StageClock.Interval * 4);

            // What a process that is killed here leaves: everything up to the last tick.
            Seconds("second").ShouldBe(20);
            File.Copy(file, file + ".killed");
            return time.Pass(TimeSpan.FromSeconds(2));
        });
        Seconds("first").ShouldBe(3);
        Seconds("second").ShouldBe(22);

        File.Move(file + ".killed", file, overwrite: true);
        Should.Throw<OperationCanceledException>(() => new StageClock(file, time).Measure<int>("second", () =>
        {
            time.Pass(TimeSpan.FromSeconds(7));
            throw new OperationCanceledException();
        }));
        Seconds("second").ShouldBe(27);
        time.Tick();
        Seconds("second").ShouldBe(27);

        double Seconds(string stage) => new StageClock(file, time).Read()[stage].Seconds;
    }

    /// <summary>Time that passes when it is told to; timers tick after each of their periods, and once more after they are disposed of, as real ones may.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private readonly List<Action> _callbacks = [];
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callbacks.Add(() => callback(state));
            return new Silent();
        }

        public double Pass(TimeSpan duration)
        {
            for (var left = duration; left > TimeSpan.Zero; left -= StageClock.Interval)
            {
                _now += Math.Min(left.Ticks, StageClock.Interval.Ticks);
                if (left >= StageClock.Interval)
                {
                    Tick();
                }
            }

            return duration.TotalSeconds;
        }

        public void Tick() => _callbacks.ForEach(c => c());

        private sealed class Silent : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
