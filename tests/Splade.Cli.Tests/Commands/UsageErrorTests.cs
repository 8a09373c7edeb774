using System.CommandLine;
using Splade.Cli.Commands;

namespace Splade.Cli.Tests.Commands;

public sealed class UsageErrorTests
{
    private static readonly RootCommand Root = new()
    {
        new Command("group", "A group.")
        {
            WithAction(new Command("do", "Does it.\n\nExample: splade group do x --how y\nAnother: z")
            {
                new Argument<string>("what") { Description = "The thing." },
                new Argument<string>("more") { Description = "Not needed.", DefaultValueFactory = _ => "" },
                new Option<string>("--how") { Description = "The way.", Required = true },
                new Option<int>("--often") { Description = "How often.", DefaultValueFactory = _ => 1 },
            }),
        },
    };

    [Theory]
    [InlineData("group do", "splade group do: <what> is missing: The thing.|splade group do: --how is missing: The way.|Usage: splade group do <what> [<more>] --how <how> [options]|Example: splade group do x --how y|More: splade group do --help")]
    [InlineData("group do x", "splade group do: --how is missing: The way.|")]
    [InlineData("group do x --how", "splade group do: --how needs a value: The way.|")]
    [InlineData("group do --how y", "splade group do: <what> is missing: The thing.|")]
    [InlineData("group do x --how y --often", "splade group do: --often needs a value: How often.|")]
    [InlineData("group", "splade group: a command is missing. Commands are: do.|More: splade group --help")]
    [InlineData("group undo", "splade group: there is no command 'undo'. Commands are: do.|")]
    [InlineData("grup do", "splade: there is no command 'grup'. Commands are: group.|")]
    [InlineData("group do x --how y --who z", "splade group do: there is no option '--who'. Options are: --how, --often.|More: splade group do --help")]
    [InlineData("group do x --hw y", "splade group do: there is no option '--hw'. Options are: --how, --often.|")]
    [InlineData("group do x more y --how y", "splade group do: 'y' is one argument too many.|More: splade group do --help")]
    [InlineData("group do x --how y --how z", "splade group do: --how is given 2 times: it takes one value.|More: splade group do --help")]
    [InlineData("group do x --how y --often many", "splade group do: Cannot parse argument 'many' for option '--often'")]
    public void What_is_missing_or_unknown_is_named_with_what_it_is_and_how_it_is_used(string line, string expected)
    {
        var parsed = Root.Parse(line);
        parsed.Errors.ShouldNotBeEmpty();
        UsageError.Describe(parsed).ShouldStartWith(expected.Replace('|', '\n'));
    }

    private static Command WithAction(Command command)
    {
        command.SetAction(_ => 0);
        return command;
    }
}
