using System.CommandLine;

namespace Splade.Cli.Commands.Models;

/// <summary>Arguments and options that the model commands share.</summary>
internal static class ModelOptions
{
    public static Option<string> Data() => CommandRunner.Option("--data", "The node's data folder; its models are in the folder models there.", "./data");

    public static Argument<string> NameOrFolder() => new("model") { Description = "Name of a model (see splade model list), or a folder with a model package." };

    public static Option<bool> Json() => CommandRunner.Option("--json", "Print JSON.", false);
}
