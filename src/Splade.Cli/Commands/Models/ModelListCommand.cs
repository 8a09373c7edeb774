using System.CommandLine;
using Spectre.Console;
using Splade.Encoding;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model list</c>: the packages of a data folder and those that ship with the program.</summary>
internal static class ModelListCommand
{
    public static Command Create()
    {
        var json = ModelOptions.Json();
        var data = ModelOptions.Data();
        var command = new Command("list", "List the models that a node with this data folder has, and those that ship with the program.\n\nExample: splade model list --data ./data")
        {
            json, data,
        };
        command.Run((parsed, _) =>
        {
            using var registry = new ModelRegistry(parsed.GetValue(data)!);
            var models = registry.List().Select(name => Read(registry, name)).ToArray();
            if (parsed.GetValue(json))
            {
                JsonOutput.Print(models);
            }
            else
            {
                Print(models);
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static ListedModel Read(ModelRegistry registry, string name)
    {
        var folder = registry.FolderOf(name);
        try
        {
            var summary = ModelSummary.Read(folder);
            return new ListedModel(name, folder, summary.Task, summary.Bytes, summary.VocabularySize, summary.MaxTokens, summary.Queries, summary.Licence, null);
        }
        catch (ModelPackageException broken)
        {
            return new ListedModel(name, folder, null, ModelSummary.Size(folder), null, null, null, null, broken.Message);
        }
    }

    private static void Print(ListedModel[] models)
    {
        var table = new Table { Border = TableBorder.Rounded }
            .AddColumn("name", column => column.NoWrap()).AddColumns("task", "size", "vocabulary", "max tokens", "queries", "licence");
        foreach (var model in models)
        {
            table.AddRow([
                .. new[]
                {
                    model.Name, model.Task ?? "broken", ConsoleProgress.Bytes(model.Bytes), $"{model.VocabularySize}", $"{model.MaxTokens}", model.Queries ?? "", model.Licence ?? "",
                }.Select(Markup.Escape),
            ]);
        }

        AnsiConsole.Write(table);
        foreach (var broken in models.Where(m => m.Error is not null))
        {
            Console.Error.WriteLine($"splade: {broken.Name}: {broken.Error}");
        }
    }

    private sealed record ListedModel(
        string Name, string Folder, string? Task, long Bytes, int? VocabularySize, int? MaxTokens, string? Queries, string? Licence, string? Error);
}
