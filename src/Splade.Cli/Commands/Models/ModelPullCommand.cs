using System.CommandLine;
using Splade.Cli.Hub;
using Splade.Encoding.Import;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model pull</c>: downloads a model from a hub and imports it.</summary>
internal static class ModelPullCommand
{
    private const string DefaultHub = "https://huggingface.co";

    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Id of the model on the hub, OWNER/NAME." };
        var hub = CommandRunner.Option("--hub", "Address of the hub.", DefaultHub);
        var revision = CommandRunner.Option("--revision", "Branch, tag or commit.", "main");
        var token = CommandRunner.Option<string?>("--hub-token", "Token of the hub, for models that need one. Better given as the variable than on a command line.", null);
        var onnx = CommandRunner.Option("--onnx", "Take onnx/model.onnx, even where there are safetensors.", false);
        var name = new Option<string?>("--name") { Description = "Name of the model here; default its name on the hub." };
        var int8 = CommandRunner.Option("--int8", "Import with 8-bit weights: smaller and faster on the CPU, a little less exact.", false);
        var force = new Option<bool>("--force") { Description = "Replace a model of that name." };
        var data = ModelOptions.Data();
        var command = new Command(
            "pull",
            "Download a model from a hub and import it. Only the files that are needed are taken, their sizes and hashes are checked, and an interrupted download goes on where it stopped.\n\nExample: splade model pull opensearch-project/opensearch-neural-sparse-encoding-doc-v3-distill --name doc-v3")
        {
            id, hub, revision, token, onnx, name, int8, force, data,
        };
        command.Run(async (parsed, cancellationToken) =>
        {
            var (model, into) = (parsed.GetValue(id)!, parsed.GetValue(data)!);
            var options = new ImportOptions(parsed.GetValue(name) ?? model.Split('/')[^1], parsed.GetValue(int8), parsed.GetValue(force));
            ModelImporter.CheckName(model, into, options.Name!, options.Force);
            var puller = new ModelPuller(parsed.GetValue(hub)!, parsed.GetValue(token), into, TimeProvider.System);
            var folder = await puller.DownloadAsync(model, parsed.GetValue(revision)!, parsed.GetValue(onnx), cancellationToken).ConfigureAwait(false);
            await ModelImportCommand.ImportAsync(folder, options, into, cancellationToken).ConfigureAwait(false);
            puller.Forget(folder);
            return ExitCode.Ok;
        });
        return command;
    }
}
