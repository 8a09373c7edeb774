using System.Diagnostics;
using Splade.Tests;

namespace Splade.Cli.Tests.Process;

/// <summary>The official JavaScript clients against a node.</summary>
public sealed class ClientTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("elasticsearch")]
    [InlineData("opensearch")]
    public async Task The_official_client_creates_loads_and_searches(string client)
    {
        var scripts = Component.Require(FindScripts(), "the client packages: run 'npm ci' in tests/Splade.Cli.Tests/js");
        await using var node = await SpladeProcess.ServeAsync(_folder.Path);
        using var process = System.Diagnostics.Process.Start(new ProcessStartInfo("node", [Path.Combine(scripts, "clients.mjs"), node.Url, client])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await errors + node.Errors);
        output.ShouldContain($"{client}: ok");
    }

    private static string? FindScripts()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var scripts = Path.Combine(folder.FullName, "tests", "Splade.Cli.Tests", "js");
            if (Directory.Exists(Path.Combine(scripts, "node_modules")))
            {
                return scripts;
            }
        }

        return null;
    }
}

/// <summary>Things that only some machines have. In CI they must be there.</summary>
internal static class Component
{
    public static string Require(string? found, string what)
    {
        if (found is null && Environment.GetEnvironmentVariable("CI") == "true")
        {
            throw new InvalidOperationException($"CI must have {what}.");
        }

        Skip.If(found is null, $"This machine does not have {what}.");
        return found!;
    }
}
