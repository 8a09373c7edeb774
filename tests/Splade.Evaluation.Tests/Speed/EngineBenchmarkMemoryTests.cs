using Splade.Evaluation.Collections;
using Splade.Evaluation.Collections.Csr;
using Splade.Evaluation.Speed;
using Splade.Tests;

namespace Splade.Evaluation.Tests.Speed;

/// <summary>Alone, as what is allocated is counted for the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Collection(Name)]
public sealed class EngineBenchmarkMemoryTests
{
    private const string Name = "memory of the whole process";

    [Theory]
    [InlineData(2_000_000_000)]
    [InlineData(int.MaxValue - 1)]
    public void Few_terms_with_large_numbers_cost_no_memory(int column)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "few.csr");
        using (var writer = new CsrWriter(file))
        {
            writer.Add([3, column], [1, 2]);
            writer.Add([column], [5]);
            writer.Complete();
        }

        var run = Path.Combine(folder.Path, "run.txt");
        var before = GC.GetTotalAllocatedBytes();
        var report = EngineBenchmark.Run(
            VectorFiles.Open(file), VectorFiles.Open(file), new BenchmarkOptions { Ks = [10], Passes = 1, RunFile = run, WorkFolder = folder.Path });
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(1_000_000_000);
        (report.Documents, report.Terms, report.Postings).ShouldBe((2, 2, 3));
        report.Results.Where(r => r.Mode is "exact" or "yardstick").ShouldAllBe(r => r.Recall == 1);
        TrecFiles.ReadRun(run)["0"].Select(r => (r.Id, r.Score)).ShouldBe([("1", 10.0), ("0", 5.0)]);
    }
}
