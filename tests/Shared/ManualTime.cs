namespace Splade.Tests;

/// <summary>A clock that tests move. Timers stay those of the system.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _offset;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(Interlocked.Read(ref _offset));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _offset);

    public void Advance(TimeSpan time) => Interlocked.Add(ref _offset, time.Ticks);
}
