using System.CommandLine;
using Splade.Benchmarks.Commands;
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
    [InlineData("--k", "", "--k must be between 1")]
    [InlineData("--bound-scales", "1.5", "--bound-scales must be between 0 and 1")]
    [InlineData("--threads", "0", "--threads must be between 1")]
    [InlineData("--passes", "-1", "--passes must be between 1")]
    [InlineData("--documents", "0", "--documents must be between 1")]
    [InlineData("--scaled", "-1", "--scaled must be between 0")]
    [InlineData("--queries", "-3", "--queries must be between 1")]
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

    private static async Task<(int Code, string Errors)> RunAsync(params string[] arguments)
    {
        var errors = new StringWriter();
        var code = await CommandRunner.Root().Parse(arguments).InvokeAsync(new InvocationConfiguration { Error = errors, Output = TextWriter.Null });
        return (code, errors.ToString());
    }
}
