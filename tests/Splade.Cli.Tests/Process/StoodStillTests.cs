using System.Net;
using Splade.Tests;

namespace Splade.Cli.Tests.Process;

/// <summary>A node whose process stands still until the others have removed it.</summary>
public sealed class StoodStillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("founder")]
    [InlineData("index")]
    public async Task A_node_that_stood_still_for_too_long_comes_back_by_itself(string which)
    {
        var server = Component.Require(Environment.GetEnvironmentVariable("SPLADE_TEST_POSTGRES"), "PostgreSQL, named by SPLADE_TEST_POSTGRES");
        string[] shared = ["--journal", await TestDatabase.CreateAsync(server), "--segments", Folder("segments")];
        await using var founder = await SpladeProcess.ServeAsync(Folder("f"), ["--roles", "coordinator", .. shared]);
        string[] others = [.. shared, "--seed-nodes", founder.AkkaAddress];
        await using var index = await SpladeProcess.ServeAsync(Folder("i"), ["--roles", "index", .. others]);
        await using var witness = await SpladeProcess.ServeAsync(Folder("w"), ["--roles", "coordinator,encoder", .. others]);
        await WriteAsync(founder, "before");

        var still = which == "founder" ? founder : index;

        // Nodes report themselves each second: before it knows of all three, the witness would seem to have lost one.
        await witness.WaitForMembersAsync(3);

        // Again and again: somebody else on the machine may let it go on meanwhile.
        await witness.WaitForMembersAsync(2, still.Stop);
        still.Continue();

        await witness.WaitForMembersAsync(3);
        await WriteAsync(witness, "after");
        foreach (var coordinator in (SpladeProcess[])[founder, witness])
        {
            await WriteAsync(coordinator, coordinator == founder ? "by the founder" : "by the witness");
            var (status, body) = await coordinator.SendAsync(HttpMethod.Get, "/small/_count");
            (status, (int?)body?["count"]).ShouldBe((HttpStatusCode.OK, coordinator == founder ? 3 : 4), coordinator.Errors);
        }

        foreach (var node in (SpladeProcess[])[witness, index, founder])
        {
            (await node.TerminateAsync()).ShouldBe(0, node.Errors);
            node.Errors.Contains("is in the cluster again").ShouldBe(node == still, node.Errors);
        }
    }

    private static async Task WriteAsync(SpladeProcess node, string id)
    {
        var (status, body) = await node.SendAsync(HttpMethod.Put, $"/small/_doc/{Uri.EscapeDataString(id)}?timeout=4m&refresh=true", """{"title":"a text"}""");
        status.ShouldBe(HttpStatusCode.Created, body?.ToJsonString() + node.Errors);
    }

    private string Folder(string name)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(path);
        return path;
    }
}
