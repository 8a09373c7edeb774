using System.CommandLine;
using System.CommandLine.Parsing;

namespace Splade.Cli.Commands;

/// <summary>What to say when a command line lacks something, or has what no command knows: what it is, how the command is used, and an example.</summary>
internal static class UsageError
{
    private const string Example = "Example";

    /// <summary>An option whose value is left out takes the next option for it: to the parser no mistake.</summary>
    public static string? DescribeSwallowed(ParseResult parsed)
    {
        var options = parsed.CommandResult.Command.Options;
        var greedy = options.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false } result && result.Tokens.Any(t => options.Any(other => other.Name == t.Value)));
        return greedy is null ? null : $"{Path(parsed.CommandResult)}: {greedy.Name} needs a value: {greedy.Description}\n{More(parsed)}";
    }

    /// <summary>What is missing or unknown or there too often, else what the parser or an option's own check says.</summary>
    public static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var name = Path(parsed.CommandResult);
        if (command.Action is null && command.Subcommands.Count > 0)
        {
            var commands = string.Join(", ", command.Subcommands.Select(c => c.Name));
            return parsed.UnmatchedTokens is [var other, ..]
                ? $"{name}: there is no command '{other}'. Commands are: {commands}.\n{More(parsed)}"
                : $"{name}: a command is missing. Commands are: {commands}.\n{More(parsed)}";
        }

        // What is there and fits nowhere may be what is missing, misspelt.
        if (parsed.UnmatchedTokens is [var first, ..])
        {
            // An unknown option may stand where an argument may.
            var arguments = command.Arguments.SelectMany(a => parsed.GetResult(a)?.Tokens.Select(t => t.Value) ?? []);
            var unknown = arguments.FirstOrDefault(a => a.StartsWith("--", StringComparison.Ordinal)) ?? first;
            var options = string.Join(", ", command.Options.Where(o => !o.Hidden).Select(o => o.Name));
            return unknown.StartsWith('-')
                ? $"{name}: there is no option '{unknown}'. Options are: {options}.\n{More(parsed)}"
                : $"{name}: '{unknown}' is one argument too many.\n{More(parsed)}";
        }

        string[] missing =
        [
            .. command.Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(a) is not { Tokens.Count: > 0 } && !a.HasDefaultValue)
                .Select(a => $"<{a.Name}> is missing: {a.Description}"),
            .. command.Options.Where(o => o.Required && parsed.GetResult(o) is not { Implicit: false })
                .Select(o => $"{o.Name} is missing: {o.Description}"),
            .. command.Options.Where(o => o.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(o) is { Implicit: false, Tokens.Count: 0 })
                .Select(o => $"{o.Name} needs a value: {o.Description}"),
        ];
        if (missing.Length > 0)
        {
            return string.Join('\n', [.. missing.Select(m => $"{name}: {m}"), .. Hints(command, name), More(parsed)]);
        }

        string[] repeated =
        [
            .. command.Options.Select(o => (o.Name, Most: o.Arity.MaximumNumberOfValues, parsed.GetResult(o)?.Tokens.Count)).Where(o => o.Count > o.Most)
                .Select(o => $"{o.Name} is given {o.Count} times: it takes {(o.Most == 1 ? "one value" : $"{o.Most} values")}."),
        ];
        var mistakes = repeated.Length > 0 ? repeated : parsed.Errors.Select(e => e.Message.ReplaceLineEndings(" "));
        return string.Join('\n', [.. mistakes.Select(m => $"{name}: {m}"), More(parsed)]);
    }

    /// <summary>Where all options of the command are told.</summary>
    private static string More(ParseResult parsed) => $"More: {Path(parsed.CommandResult)} --help";

    /// <summary>The command's usage, and the examples of its description.</summary>
    private static IEnumerable<string> Hints(Command command, string name)
    {
        var parts = command.Arguments.Select(a => a.Arity.MinimumNumberOfValues > 0 ? $"<{a.Name}>" : $"[<{a.Name}>]")
            .Concat(command.Options.Where(o => o.Required).Select(o => $"{o.Name} <{o.Name.TrimStart('-')}>"));
        yield return $"Usage: {string.Join(' ', parts.Prepend(name))} [options]";
        var start = command.Description?.IndexOf(Example, StringComparison.Ordinal) ?? -1;
        if (start >= 0)
        {
            yield return command.Description![start..].Split('\n')[0];
        }

    }

    private static string Path(SymbolResult? result) => result is CommandResult command
        ? $"{(command.Parent is null ? "" : Path(command.Parent) + " ")}{(command.Command is RootCommand ? "splade" : command.Command.Name)}"
        : "";
}
