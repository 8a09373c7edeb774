using Splade.Tests;

namespace Splade.Cli.Tests.Process;

public sealed class TokenizeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TokenizeCommandTests() => File.WriteAllText(Path.Combine(_folder.Path, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\n##s\n😀\n");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Texts_become_ids_and_places_line_by_line()
    {
        var texts = Write("""
            {"id": "1", "text": "Cats 😀"}

            {"_id": "2", "title": "cat", "text": "[MASK]"}
            {"id": "3", "text": ""}
            """);
        var (code, output, errors) = await SpladeProcess.RunAsync("tokenize", texts, "--tokenizer", _folder.Path);
        code.ShouldBe(0, errors);
        output.ShouldBe("""
            {"ids":[2,5,6,7,3],"offsets":[[0,0],[0,3],[3,4],[5,7],[0,0]]}
            {"ids":[2,5,4,3],"offsets":[[0,0],[0,3],[4,10],[0,0]]}
            {"ids":[2,3],"offsets":[[0,0],[0,0]]}

            """.ReplaceLineEndings("\n"));
        var (_, bare, _) = await SpladeProcess.RunAsync("tokenize", texts, "--tokenizer", _folder.Path, "--no-special-tokens");
        bare.Split('\n')[2].ShouldBe("""{"ids":[],"offsets":[]}""");
    }

    [Theory]
    [InlineData("-")]
    [InlineData("/dev/stdin")]
    public async Task Texts_come_from_a_stream_too_and_progress_goes_to_standard_error(string file)
    {
        var (code, output, errors) = await SpladeProcess.RunWithInputAsync("{\"text\": \"cat\"}\n{\"text\": \"cats\"}", "tokenize", file, "--tokenizer", _folder.Path);
        code.ShouldBe(0, errors);
        output.ShouldBe("{\"ids\":[2,5,3],\"offsets\":[[0,0],[0,3],[0,0]]}\n{\"ids\":[2,5,6,3],\"offsets\":[[0,0],[0,3],[3,4],[0,0]]}\n");
        errors.ShouldBe("2 texts\n");
    }

    [SkippableFact]
    public async Task Output_that_can_not_be_written_is_named()
    {
        var (code, _, errors) = await SpladeProcess.RunRedirectedAsync(">/dev/full", "tokenize", Write("{\"text\": \"cat\"}"), "--tokenizer", _folder.Path);
        code.ShouldBe(1);
        errors.ShouldContain("splade: Standard output can't be written: ");
    }

    [Fact]
    public async Task Faults_are_named()
    {
        var texts = Write("""{"id": "1", "text": "cat"}""" + "\n" + """{"id": "2"}""");
        var (code, _, errors) = await SpladeProcess.RunAsync("tokenize", texts, "--tokenizer", _folder.Path);
        code.ShouldBe(1);
        errors.ShouldContain("line 2");
        (code, _, errors) = await SpladeProcess.RunAsync("tokenize", texts, "--tokenizer", Path.Combine(_folder.Path, "absent"));
        code.ShouldBe(1);
        errors.ShouldContain("no such folder");
        (code, _, errors) = await SpladeProcess.RunAsync("tokenize", Path.Combine(_folder.Path, "absent"), "--tokenizer", _folder.Path);
        code.ShouldBe(1);
        errors.ShouldContain("There is no file");
        File.WriteAllText(Path.Combine(_folder.Path, "tokenizer.json"), """{"model": {"type": "Unigram", "vocab": [["c", -1]]}}""");
        (code, _, errors) = await SpladeProcess.RunAsync("tokenize", Write("""{"id": "1", "text": "cat"}"""), "--tokenizer", _folder.Path);
        code.ShouldBe(1);
        errors.ShouldContain("splade: The vocabulary has no piece for");
    }

    private string Write(string content)
    {
        var path = Path.Combine(_folder.Path, "texts.jsonl");
        File.WriteAllText(path, content);
        return path;
    }
}
