namespace Splade.Cli.Tests;

public sealed class LenientWriterTests
{
    [Fact]
    public async Task What_can_be_written_is_and_what_can_not_is_no_failure()
    {
        var there = new StringWriter();
        await WriteAsync(new LenientWriter(there));
        there.ToString().ShouldBe($"a{Environment.NewLine}b1");
        await WriteAsync(new LenientWriter(new StreamWriter(new ClosedTerminal()) { AutoFlush = true }));
    }

    private static async Task WriteAsync(LenientWriter writer)
    {
        await writer.WriteLineAsync("a");
        await writer.WriteAsync('b');
        await writer.WriteAsync($"{1}");
        await writer.FlushAsync();
    }

    private sealed class ClosedTerminal : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Input/output error");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Input/output error");
    }
}
