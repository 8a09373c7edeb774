using System.CommandLine;
using Splade.Encoding;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model remove</c>: deletes a package of a data folder.</summary>
internal static class ModelRemoveCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Name of the model." };
        var data = ModelOptions.Data();
        var command = new Command(
            "remove",
            "Delete a model from a data folder. Indices that name it can't encode any more until it is imported again.\n\nExample: splade model remove my-model --data ./data")
        {
            name, data,
        };
        command.Run((parsed, _) =>
        {
            using var registry = new ModelRegistry(parsed.GetValue(data)!);
            var model = parsed.GetValue(name)!;
            var folder = registry.FolderOf(model);
            var own = Path.GetFullPath(Path.Combine(registry.DataFolder, "models"));
            if (Path.GetDirectoryName(Path.GetFullPath(folder)) != own)
            {
                throw new CliException($"The model [{model}] ships with the program and can't be removed.");
            }

            // First out of sight, so that an interrupted removal leaves no half of a model to be found.
            var doomed = Path.Combine(own, $".removing-{Guid.NewGuid():N}");
            Directory.Move(folder, doomed);
            Directory.Delete(doomed, recursive: true);
            Console.WriteLine($"removed {model}");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
