using System.CommandLine;
using Spectre.Console;
using Splade.Encoding;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model show</c>: what the files of a package say.</summary>
internal static class ModelShowCommand
{
    public static Command Create()
    {
        var model = ModelOptions.NameOrFolder();
        var json = ModelOptions.Json();
        var data = ModelOptions.Data();
        var command = new Command("show", "Show what a model package is: sizes, pooling, query side, prompts, settings, licence. The model is not loaded.\n\nExample: splade model show splade-small-v1")
        {
            model, json, data,
        };
        command.Run((parsed, _) =>
        {
            using var registry = new ModelRegistry(parsed.GetValue(data)!);
            var summary = ModelSummary.Read(registry.Find(parsed.GetValue(model)!));
            if (parsed.GetValue(json))
            {
                JsonOutput.Print(summary);
            }
            else
            {
                Print(summary);
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static void Print(ModelSummary model)
    {
        var grid = new Grid().AddColumn().AddColumn();
        (string Name, string? Value)[] rows =
        [
            ("name", model.Name), ("folder", model.Folder), ("task", model.Task), ("size", ConsoleProgress.Bytes(model.Bytes)),
            ("vocabulary", $"{model.VocabularySize} pieces"), ("max tokens", $"{model.MaxTokens}"), ("pooling", model.Pooling), ("queries", model.Queries),
            ("document prompt", model.DocumentPrompt), ("query prompt", model.QueryPrompt), ("licence", model.Licence ?? "not named"),
            ("settings", string.Join("; ", model.Settings)),
        ];
        foreach (var (name, value) in rows.Where(r => !string.IsNullOrEmpty(r.Value)))
        {
            grid.AddRow(Markup.Escape(name), Markup.Escape(value!));
        }

        AnsiConsole.Write(grid);
    }
}
