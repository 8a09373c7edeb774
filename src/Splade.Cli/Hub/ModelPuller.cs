namespace Splade.Cli.Hub;

/// <summary>Brings the needed files of a hub's model into the data folder, under <c>downloads</c>.</summary>
internal sealed class ModelPuller(string hub, string? token, string dataFolder, TimeProvider time)
{
    /// <returns>The folder with the files, all of them verified.</returns>
    /// <exception cref="CliException">The model can't be had; what was downloaded stays for the next try.</exception>
    public async Task<string> DownloadAsync(string id, string revision, bool onnx, CancellationToken cancellationToken)
    {
        using var client = new HubClient(hub, token);
        var model = await HubRetry.RunAsync(() => client.GetModelAsync(id, revision, cancellationToken), time, cancellationToken).ConfigureAwait(false);
        var files = NeededFiles.Choose(model, onnx);
        var total = files.Sum(f => f.Size ?? 0);
        await Console.Error.WriteLineAsync($"{id} at {model.Commit[..Math.Min(12, model.Commit.Length)]}: {files.Count} files, {ConsoleProgress.Bytes(total)}").ConfigureAwait(false);
        await Console.Error.WriteLineAsync($"licence: {model.Licence ?? "not named; read the model card before you use the model"}").ConfigureAwait(false);
        var folder = Path.Combine(dataFolder, "downloads", id.Replace("/", "--", StringComparison.Ordinal), model.Commit);
        await ConsoleProgress.RunAsync(id, total, async report =>
        {
            await new HubDownload(client, model, folder, time).RunAsync(files, report, cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        return folder;
    }

    /// <summary>Deletes a download that has been imported.</summary>
    public void Forget(string folder)
    {
        Directory.Delete(folder, recursive: true);
        for (var parent = Path.GetDirectoryName(folder)!; parent != dataFolder && !Directory.EnumerateFileSystemEntries(parent).Any(); parent = Path.GetDirectoryName(parent)!)
        {
            Directory.Delete(parent);
        }
    }
}
