using System.CommandLine;
using Splade.Benchmarks.Commands;
using Splade.Benchmarks.Corpora;
using Splade.Evaluation.Collections;
using Splade.Tests;

namespace Splade.Evaluation.Tests.Benchmarks;

/// <summary>What the benchmarks' command line says to mistakes; each is refused before anything is made.</summary>
public sealed class BenchmarkCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_data_folder_that_is_not_there_is_one_line_that_says_what_to_give()
    {
        var (code, errors) = await RunAsync("text", "--data", "/nowhere");
        code.ShouldBe(1);
        errors.Trim().ShouldStartWith("text: /nowhere has no folder 'text'. Name a data folder with --data");
        errors.Trim().ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("--k", "0", "--k must be between 1")]
    [InlineData("--k", "10,many", "--k: 'many' is no")]
    [InlineData("--k", "", "--k is empty: name depths")]
    [InlineData("--bound-scales", "1.5", "--bound-scales must be between 0 and 1")]
    [InlineData("--threads", "0", "--threads must be between 1")]
    [InlineData("--passes", "-1", "--passes must be between 1")]
    [InlineData("--documents", "0", "--documents must be between 1")]
    [InlineData("--scaled", "-1", "--scaled must be between 0")]
    [InlineData("--queries", "-3", "--queries must be between 1")]
    [InlineData("--scaled-by", "0", "--scaled-by must be between 1e-20 and 1e20.")]
    [InlineData("--write", "", "--write is empty: name a folder.")]
    [InlineData("--write", "--json", "--write needs a value, and '--json' looks like another option.")]
    [InlineData("--shape", "round", "--shape is one of splade, bm25, long, binary, wide, not 'round'.")]
    public async Task A_number_that_can_not_be_is_refused_before_anything_is_made(string option, string value, string expected)
    {
        var index = Path.Combine(_folder.Path, "index");

        // Small, should it be made all the same.
        string[] small = option == "--documents" ? [] : ["--documents", "10"];
        var (code, errors) = await RunAsync(["synthetic", .. small, "--index", index, option, value]);
        code.ShouldBe(1);
        errors.ShouldContain(expected);
        errors.ShouldNotContain("   at ");
        Directory.Exists(index).ShouldBeFalse();
    }

    [Theory]
    [InlineData("soak", "--minutes", "0")]
    [InlineData("soak", "--minutes", "NaN")]
    [InlineData("soak", "--searchers", "0")]
    [InlineData("text", "--passages", "0")]
    [InlineData("tokenizers", "--passes", "0")]
    public void Every_command_knows_its_ranges(string command, string option, string value) =>
        CommandRunner.Root().Parse([command, option, value]).Errors.ShouldContain(e => e.Message.StartsWith(option + " must be between"));

    [Theory]
    [InlineData("synthetic: Unrecognized command or argument '--nonsense'.|More: synthetic --help|", "synthetic", "--nonsense")]
    [InlineData("synthetic: --documents must be between 1 and 2,147,483,647.|More: synthetic --help|", "synthetic", "--documents", "0")]
    [InlineData("tokenizers: <tokenizers> is empty: name a folder or file.|More: tokenizers --help|", "tokenizers", "", "--texts", "texts")]
    [InlineData("text: --data is empty: name a folder.|More: text --help|", "text", "--data", "")]
    [InlineData("synthetic: --write and --index are both given: give --write, which measures nothing, or --index, which keeps what is measured.|",
        "synthetic", "--write", "a", "--index", "b")]
    [InlineData("benchmarks: Required command was not provided.|More: --help|")]
    public async Task A_mistake_is_told_with_a_hint_and_without_a_page_of_help(string expected, params string[] arguments)
    {
        var output = new StringWriter();
        var (code, errors) = await RunAsync(output, arguments);
        (code, errors.ReplaceLineEndings("|"), output.ToString()).ShouldBe((1, expected, ""));
    }

    [Theory]
    [InlineData("""{"text":"a"}|{"txt":"b"}""", "line 2: the object has no string 'text'.")]
    [InlineData("a|b|{\"text\":1}", "line 3: the object has no string 'text'.")]
    [InlineData("{nonsense", "line 1: 'n' is an invalid start")]
    public async Task A_line_without_a_text_is_named(string lines, string expected)
    {
        var path = Path.Combine(_folder.Path, "texts.jsonl");
        await File.WriteAllLinesAsync(path, lines.Split('|'));
        var (code, errors) = await RunAsync("tokenizers", _folder.Path, "--texts", path);
        code.ShouldBe(1);
        errors.Trim().ShouldStartWith($"tokenizers: {path}, {expected}");
        errors.Trim().ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("--index")]
    [InlineData("--write")]
    public async Task A_folder_of_something_else_is_left_alone(string option)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "docs.csr"), "mine");
        var (code, errors) = await RunAsync("synthetic", "--documents", "10", option, _folder.Path);
        (code, errors.Trim()).ShouldBe((1, $"synthetic: {_folder.Path} holds no collection, but docs.csr. Delete it or name another folder."));
        Directory.GetFileSystemEntries(_folder.Path).ShouldHaveSingleItem();
        (await File.ReadAllTextAsync(Path.Combine(_folder.Path, "docs.csr"))).ShouldBe("mine");
    }

    [Theory]
    [InlineData("--index")]
    [InlineData("--write")]
    public async Task A_file_in_place_of_the_folder_is_refused(string option)
    {
        var path = Path.Combine(_folder.Path, "docs.csr");
        await File.WriteAllTextAsync(path, "mine");
        var (code, errors) = await RunAsync("synthetic", "--documents", "10", option, path);
        (code, errors.Trim()).ShouldBe((1, $"synthetic: {path} is a file: name a folder."));
    }

    [Fact]
    public void A_collection_that_is_broken_off_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var rows = new GeneratedVectors("rows", Vocabulary.OfNumbers(), 10, row =>
        {
            stop.Cancel();
            return new SparseVector($"{row}", [row], [1]);
        });
        Should.Throw<OperationCanceledException>(() => SavedCollection.In(Path.Combine(_folder.Path, "new", "folder"), "", () => (rows, rows), stop.Token));
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    /// <summary>What is wrong with an argument within the program is a bug, whose place is needed.</summary>
    [Fact]
    public async Task A_bug_keeps_its_stack_trace()
    {
        var command = new Command("broken");
        command.Run((ParseResult _, CancellationToken _) => ArgumentException.ThrowIfNullOrEmpty(""));
        var errors = new StringWriter();
        (await command.Parse([]).InvokeAsync(new InvocationConfiguration { Error = errors })).ShouldBe(1);
        errors.ToString().ShouldContain("   at ");
    }

    private static Task<(int Code, string Errors)> RunAsync(params string[] arguments) => RunAsync(TextWriter.Null, arguments);

    private static async Task<(int Code, string Errors)> RunAsync(TextWriter output, string[] arguments)
    {
        var errors = new StringWriter();
        var code = await CommandRunner.RunAsync(arguments, new InvocationConfiguration { Error = errors, Output = output });
        return (code, errors.ToString());
    }
}
