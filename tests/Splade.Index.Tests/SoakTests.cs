using Splade.Benchmarks.Soak;
using Splade.Tests;

namespace Splade.Index.Tests;

/// <summary>Some seconds of what <c>soak</c> in tests/Splade.Benchmarks does for hours.</summary>
public sealed class SoakTests
{
    [Fact]
    public async Task Engine_and_oracle_agree_while_everything_happens_at_once()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(8));
        using var run = new SoakRun(folder.Path, seed: 5);
        await run.RunAsync(searchers: 2, stop.Token);
        run.Operations.ShouldBeGreaterThan(0);
        run.Searches.ShouldBeGreaterThan(0);
        run.Reopenings.ShouldBeGreaterThan(0);
    }
}
