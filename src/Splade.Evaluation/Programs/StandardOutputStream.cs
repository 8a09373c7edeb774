namespace Splade.Evaluation.Programs;

/// <summary>Standard output as bytes, whose failures say what can't be written.</summary>
public sealed class StandardOutputStream : Stream
{
    private readonly Stream _output = Console.OpenStandardOutput();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="IOException">It can't be written.</exception>
    public override void Write(byte[] buffer, int offset, int count)
    {
        try
        {
            _output.Write(buffer, offset, count);
        }
        catch (IOException exception)
        {
            throw new IOException($"Standard output can't be written: {exception.Message}", exception);
        }
    }

    /// <summary>Nothing is kept back.</summary>
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _output.Dispose();
        }

        base.Dispose(disposing);
    }
}
