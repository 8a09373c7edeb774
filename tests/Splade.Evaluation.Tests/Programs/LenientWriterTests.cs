using Splade.Evaluation.Programs;

namespace Splade.Evaluation.Tests.Programs;

public sealed class LenientWriterTests
{
    [Fact]
    public async Task What_can_be_written_is()
    {
        var there = new StringWriter();
        var writer = new LenientWriter(there);
        await WriteAsync(writer);
        there.ToString().ShouldBe($"a{Environment.NewLine}b1");
        writer.Failure.ShouldBeNull();
    }

    /// <summary>A closed terminal or full disk, and a closed descriptor.</summary>
    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(UnauthorizedAccessException))]
    public async Task What_can_not_be_written_is_no_failure_of_the_work(Type failure)
    {
        var writer = new LenientWriter(new StreamWriter(new ClosedStream(failure)) { AutoFlush = true });
        await WriteAsync(writer);
        writer.Failure.ShouldBeOfType(failure);
    }

    private static async Task WriteAsync(LenientWriter writer)
    {
        await writer.WriteLineAsync("a");
        await writer.WriteAsync('b');
        await writer.WriteAsync($"{1}");
        await writer.FlushAsync();
    }

    private sealed class ClosedStream(Type failure) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw (Exception)Activator.CreateInstance(failure)!;

        public override void Write(byte[] buffer, int offset, int count) => throw (Exception)Activator.CreateInstance(failure)!;
    }
}
