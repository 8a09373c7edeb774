namespace Splade.Index.Merging;

/// <summary>Writes no more bytes a second than allowed, on average since the start, so that a merge leaves the disk to searches and flushes.</summary>
/// <param name="output">Takes the bytes.</param>
/// <param name="bytesPerSecond">Above 0.</param>
/// <param name="time">The clock.</param>
/// <param name="pause">Waits so long.</param>
internal sealed class RateLimitedStream(Stream output, long bytesPerSecond, TimeProvider time, Action<TimeSpan> pause) : Stream
{
    private readonly long _start = time.GetTimestamp();
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _written;

    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    /// <summary>A stream whose pauses end, with the exception, when the token is cancelled.</summary>
    public static Stream Over(Stream output, long? bytesPerSecond, CancellationToken cancellationToken) => bytesPerSecond is { } limit
        ? new RateLimitedStream(output, limit, TimeProvider.System, duration =>
        {
            cancellationToken.WaitHandle.WaitOne(duration);
            cancellationToken.ThrowIfCancellationRequested();
        })
        : output;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        output.Write(buffer);
        _written += buffer.Length;
        var early = TimeSpan.FromSeconds(_written / (double)bytesPerSecond) - time.GetElapsedTime(_start);
        if (early >= TimeSpan.FromMilliseconds(10))
        {
            pause(early);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => output.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
