using Splade.Cli.Training;
using Splade.Tests;

namespace Splade.Cli.Tests.Training;

public sealed class TrainerLocatorTests : IDisposable
{
    private static readonly string Executable = OperatingSystem.IsWindows() ? "splade-train.exe" : "splade-train";
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_trainer_beside_the_program_is_found_before_one_on_the_path()
    {
        var path = Touch("elsewhere");
        Find().ShouldBeNull();
        Find(("PATH", Path.GetDirectoryName(path))).ShouldBe(path);
        var beside = Touch("program/train");
        Find(("PATH", Path.GetDirectoryName(path))).ShouldBe(beside);
        Find(("SPLADE_TRAINER", path)).ShouldBe(path);
        Should.Throw<CliException>(() => Find(("SPLADE_TRAINER", path + "x"))).Message.ShouldContain("SPLADE_TRAINER");
    }

    [Fact]
    public void In_a_checkout_it_is_the_built_one_or_dotnet_run()
    {
        var program = Path.Combine(_folder.Path, "src", "Splade.Cli", "bin", "Debug", "net10.0");
        Directory.CreateDirectory(program);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "src", "Splade.Training"));
        File.WriteAllText(Path.Combine(_folder.Path, "Splade.Cluster.sln"), "");
        var start = TrainerLocator.Find(program, _ => null)!;
        start.FileName.ShouldBe("dotnet");
        start.Arguments.ShouldBe(["run", "-c", "Release", "--project", Path.Combine(_folder.Path, "src", "Splade.Training"), "--"]);
        Touch("src/Splade.Training/bin/Release/net10.0");
        var debug = Touch("src/Splade.Training/bin/Debug/net10.0");
        TrainerLocator.Find(program, _ => null)!.FileName.ShouldBe(debug);
    }

    public void Dispose() => _folder.Dispose();

    private string? Find(params (string Name, string? Value)[] environment) =>
        TrainerLocator.Find(Path.Combine(_folder.Path, "program"), name => environment.FirstOrDefault(e => e.Name == name).Value)?.FileName;

    private string Touch(string folder)
    {
        var path = Path.Combine(_folder.Path, folder, Executable);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        return path;
    }
}
