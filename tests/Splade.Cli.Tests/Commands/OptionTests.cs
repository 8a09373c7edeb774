using System.CommandLine;
using Splade.Cli.Commands;

namespace Splade.Cli.Tests.Commands;

/// <summary>Options and the environment variables that stand for them.</summary>
public sealed class OptionTests : IDisposable
{
    private const string Variable = "SPLADE_TEST_OPTION";

    public void Dispose() => Environment.SetEnvironmentVariable(Variable, null);

    [Theory]
    [InlineData(null, "", 7)]
    [InlineData("8", "", 8)]
    [InlineData("8", "--test-option 9", 9)]
    public void The_command_line_wins_over_the_environment(string? variable, string line, int expected)
    {
        Environment.SetEnvironmentVariable(Variable, variable);
        var option = CommandRunner.Option("--test-option", "", 7);
        new RootCommand { option }.Parse(line).GetValue(option).ShouldBe(expected);
    }

    [Theory]
    [InlineData("1", "", true)]
    [InlineData("true", "", true)]
    [InlineData("no", "", false)]
    [InlineData(null, "--test-option", true)]
    [InlineData("1", "--test-option false", false)]
    public void A_flag_is_true_in_the_ways_people_write_it(string? variable, string line, bool expected)
    {
        Environment.SetEnvironmentVariable(Variable, variable);
        var option = CommandRunner.Option("--test-option", "", false);
        new RootCommand { option }.Parse(line).GetValue(option).ShouldBe(expected);
    }

    [Theory]
    [InlineData("many", "", "SPLADE_TEST_OPTION")]
    [InlineData("99999999999", "", "SPLADE_TEST_OPTION")]
    [InlineData(null, "--test-option many", "--test-option of 'many' is not a whole number")]
    public void A_value_of_the_wrong_kind_is_an_error_that_names_it(string? variable, string line, string expected)
    {
        Environment.SetEnvironmentVariable(Variable, variable);
        var option = CommandRunner.Option("--test-option", "", 7);
        new RootCommand { option }.Parse(line).Errors.ShouldHaveSingleItem().Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("8000000000", "", 8_000_000_000)]
    [InlineData(null, "--test-option 9000000000", 9_000_000_000)]
    [InlineData(null, "--test-option 9e9", null)]
    [InlineData("1.5", "", null)]
    public void A_number_of_bytes_may_be_more_than_two_billion(string? variable, string line, long? expected)
    {
        Environment.SetEnvironmentVariable(Variable, variable);
        var option = CommandRunner.Option("--test-option", "", 7L);
        var parsed = new RootCommand { option }.Parse(line);
        if (expected is null)
        {
            parsed.Errors.ShouldHaveSingleItem().Message.ShouldContain("not a whole number");
        }
        else
        {
            parsed.GetValue(option).ShouldBe(expected.Value);
        }
    }

    [Theory]
    [InlineData("3", "", "--test-option must be at least 4.")]
    [InlineData(null, "--test-option 3", "--test-option must be at least 4.")]
    [InlineData(null, "--test-option many", "--test-option of 'many' is not a whole number")]
    [InlineData(null, "--test-option 4", null)]
    [InlineData(null, "", null)]
    public void A_number_that_is_too_small_is_refused(string? variable, string line, string? expected)
    {
        Environment.SetEnvironmentVariable(Variable, variable);
        var option = CommandRunner.Option("--test-option", "", 7).AtLeast(4);
        var errors = new RootCommand { option }.Parse(line).Errors;
        if (expected is null)
        {
            errors.ShouldBeEmpty();
        }
        else
        {
            errors.ShouldHaveSingleItem().Message.ShouldContain(expected);
        }
    }

    [Fact]
    public void A_required_option_may_come_from_the_environment()
    {
        var absent = CommandRunner.Required("--test-option", "");
        new RootCommand { absent }.Parse("").Errors.ShouldNotBeEmpty();
        Environment.SetEnvironmentVariable(Variable, "books");
        var present = CommandRunner.Required("--test-option", "");
        var parsed = new RootCommand { present }.Parse("");
        parsed.Errors.ShouldBeEmpty();
        parsed.GetValue(present).ShouldBe("books");
    }

    [Fact]
    public void Every_option_of_every_command_names_its_variable_and_every_command_has_an_example()
    {
        Command[] commands = [ServeCommand.Create(), ImportCommand.Create(), SearchCommand.Create(), EvalCommand.Create(), AnalyzeCommand.Create()];
        commands.ShouldAllBe(c => c.Description!.Contains("Example: splade " + c.Name));
        commands.SelectMany(c => c.Options).ShouldAllBe(o => o.Description!.Contains($"[SPLADE_{o.Name.Substring(2).Replace('-', '_').ToUpperInvariant()}]"));
    }
}
