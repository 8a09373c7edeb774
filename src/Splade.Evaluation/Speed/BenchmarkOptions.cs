using Splade.Evaluation.Collections;

namespace Splade.Evaluation.Speed;

/// <summary>What to measure. Errors name settings as the command line does.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>Depths.</summary>
    public IReadOnlyList<int> Ks { get; init; } = [10, 100, 1000];

    /// <summary>Searches at a time. Latencies are those under this load.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Measured passes over all queries; a query's latency is its median over them. Others before them warm up.</summary>
    public int Passes { get; init; } = 5;

    /// <summary>What times are.</summary>
    public BenchmarkClock Clock { get; init; }

    /// <summary>Bound scales of the approximate mode (<see cref="Splade.Index.SearchOptions.BoundScale"/>), above 0 and below 1.</summary>
    public IReadOnlyList<double> BoundScales { get; init; } = [0.9, 0.8, 0.7];

    /// <summary>Queries beyond these are left out.</summary>
    public int MaxQueries { get; init; } = int.MaxValue;

    /// <summary>Where the exact ranking at the largest k goes, as a TREC run with row numbers as ids; null for nowhere.</summary>
    public string? RunFile { get; init; }

    /// <summary>Where the index is built, in a folder of its own that is deleted afterwards.</summary>
    public string WorkFolder { get; init; } = Path.GetTempPath();

    /// <summary>Keeps the index in this folder, and opens it from there when it has been built before; null to build it for this run only.</summary>
    public string? IndexFolder { get; init; }

    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(Ks.Count > 0, "--k is empty: name depths between 1 and 1,000,000, such as 10,1000.");
        Require(Ks.All(k => k is > 0 and <= 1_000_000), "--k must be between 1 and 1,000,000.");
        Require(Threads is > 0 and <= 1024, "--threads must be between 1 and 1,024.");
        Require(Passes is > 0 and <= 1000, "--passes must be between 1 and 1,000.");
        Require(BoundScales.All(s => s is > 0 and < 1), "--bound-scales must be between 0 and 1, both exclusive.");
        Require(Clock == BenchmarkClock.Wall || OperatingSystem.IsLinux(), "Processor time of a thread is measured on Linux only.");
        Require(MaxQueries > 0, "--max-queries must be at least 1.");
    }

    /// <summary>Finds out before anything is measured, which may take hours, that the run file can be written and the folder for work be made. Leaves nothing.</summary>
    /// <param name="inputs">Files and folders that are read.</param>
    /// <exception cref="IOException">One can't; the message says why.</exception>
    public void CheckPaths(params IEnumerable<string> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (File.Exists(WorkFolder))
        {
            throw new IOException($"--work {WorkFolder} is a file: name a folder.");
        }

        Try("--work", WorkFolder, path => new MadeFolder(Path.Combine(path, Path.GetRandomFileName())).Dispose());
        if (RunFile is null)
        {
            return;
        }

        if (Directory.Exists(RunFile))
        {
            throw new IOException($"--run {RunFile} is a folder: name a file in it.");
        }

        if (Path.GetDirectoryName(Path.GetFullPath(RunFile)) is { } folder && !Directory.Exists(folder))
        {
            throw new IOException($"--run {RunFile}: there is no folder {folder}. Make it first.");
        }

        if (inputs.FirstOrDefault(i => IsWithin(RunFile, i)) is { } input)
        {
            throw WrittenOver(input);
        }

        Try("--run", RunFile, path =>
        {
            OpenThere(path);
            using var file = new WholeFile(path);
            File.OpenHandle(file.Written, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
        });

        // Locked, so that what is one of them by another name, a hard link, can't be opened any more.
        foreach (var read in inputs.Where(File.Exists))
        {
            using var locked = File.OpenHandle(read);
            try
            {
                OpenThere(RunFile);
            }
            catch (IOException)
            {
                throw WrittenOver(read);
            }
        }

        IOException WrittenOver(string input) => new($"--run {RunFile} would be written over or among vectors that are read ({input}): name another file.");
    }

    /// <summary>Whether a file is another one or in a folder, by whichever links.</summary>
    private static bool IsWithin(string file, string input) => Directory.Exists(input)
        ? RealPath.Of(Path.GetDirectoryName(Path.GetFullPath(file))!) == RealPath.Of(Path.TrimEndingDirectorySeparator(input)) || Directory.EnumerateFiles(input).Any(f => RealPath.Of(f) == RealPath.Of(file))
        : RealPath.Of(input) == RealPath.Of(file);

    /// <summary>A failure names the option.</summary>
    internal static void Try(string option, string path, Action<string> write)
    {
        try
        {
            write(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{option} {path} can't be written: {e.Message}", e);
        }
    }

    private static void OpenThere(string path)
    {
        if (File.Exists(path))
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.None).Dispose();
        }
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new ArgumentException(problem);
        }
    }
}

/// <summary>How far a benchmark is.</summary>
/// <param name="Stage">What it does.</param>
/// <param name="Done">Steps of the stage done.</param>
/// <param name="Total">Steps of the stage; 0 when nobody knows.</param>
public readonly record struct BenchmarkProgress(string Stage, long Done, long Total);
