namespace Splade.Cli.Training;

/// <summary>How the trainer is started.</summary>
internal sealed record TrainerStart(string FileName, IReadOnlyList<string> Arguments);

/// <summary>
/// Finds <c>splade-train</c>, which is a program of its own because libtorch has 490 MB: named by SPLADE_TRAINER, beside this program or in its
/// folder <c>train</c>, in a checkout (built, or else through <c>dotnet run</c>), or on the PATH.
/// </summary>
internal static class TrainerLocator
{
    public const string Variable = "SPLADE_TRAINER";

    public const string HowToGetIt =
        """
        The trainer is not here: it is a program of its own, because libtorch has 490 MB.
          in a checkout:           dotnet run -c Release --project src/Splade.Training -- train --help
          beside this program:     dotnet publish src/Splade.Training -c Release -o FOLDER_OF_SPLADE/train
          anywhere else:           put splade-train on the PATH, or set SPLADE_TRAINER to its path
        It runs on Linux x64 (Debian 12, Ubuntu 22.04 and later), Windows x64 and macOS arm64. What it makes runs everywhere.
        """;

    private static readonly string Executable = OperatingSystem.IsWindows() ? "splade-train.exe" : "splade-train";

    /// <param name="baseFolder">Folder of this program.</param>
    /// <param name="environment">Value of an environment variable, or null.</param>
    /// <returns>Null when there is no trainer.</returns>
    /// <exception cref="CliException">SPLADE_TRAINER names no file.</exception>
    public static TrainerStart? Find(string baseFolder, Func<string, string?> environment)
    {
        if (environment(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named) ? new TrainerStart(named, []) : throw new CliException($"{Variable} is {named}, but there is no such file.");
        }

        var path = (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] beside = [baseFolder, Path.Combine(baseFolder, "train")];
        return FirstIn(beside) ?? InCheckout(baseFolder) ?? FirstIn(path);
    }

    private static TrainerStart? FirstIn(IEnumerable<string> folders) =>
        folders.Select(f => Path.Combine(f, Executable)).FirstOrDefault(File.Exists) is { } file ? new TrainerStart(file, []) : null;

    private static TrainerStart? InCheckout(string baseFolder)
    {
        for (var folder = new DirectoryInfo(baseFolder); folder is not null; folder = folder.Parent)
        {
            var project = Path.Combine(folder.FullName, "src", "Splade.Training");
            if (File.Exists(Path.Combine(folder.FullName, "Splade.Cluster.sln")) && Directory.Exists(project))
            {
                // The build of the same kind as ours is the one that was made with it.
                var own = new DirectoryInfo(baseFolder).Parent?.Name ?? "Release";
                string[] builds = [.. new[] { own, "Release", "Debug" }.Distinct().Select(kind => Path.Combine(project, "bin", kind, "net10.0"))];
                return FirstIn(builds) ?? new TrainerStart("dotnet", ["run", "-c", "Release", "--project", project, "--"]);
            }
        }

        return null;
    }
}
