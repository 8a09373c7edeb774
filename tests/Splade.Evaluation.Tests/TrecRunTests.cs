using Splade.Tests;

namespace Splade.Evaluation.Tests;

/// <summary>Where runs are written.</summary>
public sealed class TrecRunTests : IDisposable
{
    private const string Line = "q1 Q0 d1 1 2 tag\n";
    private static readonly (string Query, IReadOnlyList<(string Id, double Score)> Results)[] Run = [("q1", [("d1", 2)])];
    private readonly TemporaryFolder _folder = new();

    private string Target => Path.Combine(_folder.Path, "run.txt");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_that_fails_half_way_leaves_what_was_there()
    {
        Should.Throw<InvalidOperationException>(() => TrecFiles.WriteRun(Target, Broken(), "tag"));
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
        TrecFiles.WriteRun(Target, Run, "tag");
        Should.Throw<InvalidOperationException>(() => TrecFiles.WriteRun(Target, Broken(), "tag"));
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBe([Target]);
        File.ReadAllText(Target).ShouldBe(Line);
    }

    [Fact]
    public void A_link_stays_one()
    {
        File.WriteAllText(Target, "before");
        var link = Path.Combine(_folder.Path, "link.txt");
        File.CreateSymbolicLink(link, "run.txt");
        TrecFiles.WriteRun(link, Run, "tag");
        new FileInfo(link).LinkTarget.ShouldBe("run.txt");
        File.ReadAllText(Target).ShouldBe(Line);
    }

    [SkippableFact]
    public void Nothing_takes_the_place_of_a_device()
    {
        const string Device = "/dev/null";
        Skip.IfNot(File.Exists(Device), "There is no such device.");
        using var device = new WholeFile(Device);
        device.Written.ShouldBe(Device);
    }

    private static IEnumerable<(string, IReadOnlyList<(string, double)>)> Broken()
    {
        // More than is held back until the file is closed.
        for (var query = 0; query < 10_000; query++)
        {
            yield return ($"{query}", [("d1", 3)]);
        }

        throw new InvalidOperationException("broken");
    }
}
