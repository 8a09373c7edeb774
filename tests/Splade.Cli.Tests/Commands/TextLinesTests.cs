using System.IO.Compression;
using Splade.Cli.Commands.Models;
using Splade.Tests;

namespace Splade.Cli.Tests.Commands;

public sealed class TextLinesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Both_forms_are_read_whatever_the_line_ends_and_marks()
    {
        var file = Write("\uFEFF{\"id\":1,\"text\":\"a\"}\r\n \t\r\n{\"_id\":\"d\",\"title\":\"T\",\"text\":\"b\",\"more\":{}}\n\n{\"text\":\"\\ud83d\\ude00\",\"title\":null}");
        TextLines.Read(file).Select(l => (l.Id?.GetRawText(), l.Text)).ShouldBe([("1", "a"), ("\"d\"", "T b"), (null, "😀")]);
        TextLines.Check(file).ShouldBe(3);
        TextLines.Read(Write("")).ShouldBeEmpty();
    }

    [Fact]
    public void A_line_may_be_longer_than_any_buffer()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => new string((char)('a' + (i % 26)), i * i * 211))];
        TextLines.Read(Write(string.Join('\n', texts.Select(t => $"{{\"text\":\"{t}\"}}")))).Select(l => l.Text).ShouldBe(texts);
    }

    [Fact]
    public void A_gzipped_file_is_unpacked()
    {
        var file = Path.Combine(_folder.Path, "texts.jsonl.gz");
        using (var stream = new GZipStream(File.Create(file), CompressionLevel.Fastest))
        {
            stream.Write("{\"text\":\"a\"}\n{\"text\":\"b\"}\n"u8);
        }

        TextLines.Check(file).ShouldBe(2);
        TextLines.Read(file).Select(l => l.Text).ShouldBe(["a", "b"]);
    }

    [Theory]
    [InlineData("[1]", "it is an array")]
    [InlineData("null", "it is null")]
    [InlineData("{\"id\":1}", "it has no [text]")]
    [InlineData("{\"text\":null}", "it has no [text]")]
    [InlineData("{\"text\":5}", "[text] is a number, not a string")]
    [InlineData("{\"text\":\"a\",\"title\":[]}", "[title] is an array, not a string")]
    [InlineData("{\"text\":\"\\ud800\"}", "[text] is no Unicode text")]
    [InlineData("{\"id\":\"\\udc00\",\"text\":\"a\"}", "[id] is no Unicode text")]
    [InlineData("{\"text\":\"\u00ff\"}", "[text] is no Unicode text", true)]
    [InlineData("{\"text\":\"a", "end of")]
    public void Faults_are_told_with_their_line(string line, string cause, bool latin1 = false)
    {
        var file = Write("{\"text\":\"a\"}\n\n" + line + "\n", latin1 ? System.Text.Encoding.Latin1 : System.Text.Encoding.UTF8);
        var fault = Should.Throw<CliException>(() => TextLines.Check(file));
        fault.Message.ShouldStartWith($"{file}, line 3: expected an object");
        fault.Message.ShouldContain(cause);
    }

    [Fact]
    public async Task Progress_without_a_terminal_is_lines()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var result = await ConsoleProgress.RunInLinesAsync("starting", 200, report =>
        {
            report(50, "50 texts");
            report(100, null);
            return Task.FromResult(7);
        }, output, TimeSpan.Zero);
        result.ShouldBe(7);
        output.ToString().ShouldBe("50 texts, 25 %\n50 texts, 50 %\n50 texts, 100 %\n");
    }

    private string Write(string content, System.Text.Encoding? encoding = null)
    {
        var path = Path.Combine(_folder.Path, "texts.jsonl");
        File.WriteAllBytes(path, (encoding ?? System.Text.Encoding.UTF8).GetBytes(content));
        return path;
    }
}
