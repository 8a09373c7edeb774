using System.CommandLine;
using Splade.Encoding;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model remove</c>: deletes a package of a data folder.</summary>
internal static class ModelRemoveCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Name of the model." };
        var force = new Option<bool>("--force") { Description = "Remove it even where indices use it." };
        var data = ModelOptions.Data();
        var connection = new ConnectionOptions();
        var command = new Command(
            "remove",
            "Delete a model from a data folder. A node that runs notices; its indices that use the model take no texts and queries until it is imported again, so a node that answers at --url is asked for them first.\n\nExample: splade model remove my-model --data ./data")
        {
            name, force, data,
        };
        connection.AddTo(command);
        command.Run(async (parsed, cancellationToken) =>
        {
            using var registry = new ModelRegistry(parsed.GetValue(data)!);
            var model = parsed.GetValue(name)!;
            var folder = registry.FolderOf(model);
            var own = Path.GetFullPath(Path.Combine(registry.DataFolder, "models"));
            if (Path.GetDirectoryName(Path.GetFullPath(folder)) != own)
            {
                throw new CliException($"The model [{model}] ships with the program and can't be removed.");
            }

            if (!parsed.GetValue(force) && await ModelUsers.FindAsync(connection, parsed, model, cancellationToken).ConfigureAwait(false) is { Count: > 0 } indices)
            {
                throw new CliException(
                    $"The model [{model}] is used by the indices [{string.Join(", ", indices)}] of the node at {parsed.GetValue(connection.Url)}: delete them first, or remove it all the same with --force.");
            }

            // First out of sight, so that an interrupted removal leaves no half of a model to be found.
            var doomed = Path.Combine(own, $".removing-{Guid.NewGuid():N}");
            Directory.Move(folder, doomed);
            Directory.Delete(doomed, recursive: true);
            Console.WriteLine($"removed {model}");
            return ExitCode.Ok;
        });
        return command;
    }
}
