using System.Text.Json;
using Splade.Encoding.Pruning;
using Splade.Tests;
using Splade.Training.Tuning;

namespace Splade.Training.Tests;

public sealed class TuneTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    // Three documents, one query of the terms 0 and 2; document d2 answers it.
    private static readonly EncodedCollection Collection = new(
        "tiny",
        [("d1", Vector((0, 1f), (1, 3f))), ("d2", Vector((0, 2f), (2, 2f))), ("d3", Vector((1, 1f)))],
        [("q", Vector((0, 1f), (2, 1f)))],
        new Dictionary<string, Dictionary<string, int>> { ["q"] = new() { ["d2"] = 1, ["d3"] = 1 } },
        id => Names[id]);

    [Fact]
    public void A_point_of_a_sweep_has_quality_and_sparsity()
    {
        var row = SweepMeasurement.Measure(Collection, "m", 0.5, PruneSettings.None, CancellationToken.None);
        (row.Pruning, row.Lambda, row.Queries).ShouldBe(("none", 0.5, 1));
        row.Mrr10.ShouldBe(1);
        row.Recall100.ShouldBe(0.5);
        row.DocumentTerms.ShouldBe(5 / 3.0);
        row.QueryTerms.ShouldBe(2);

        // Term 0 is in two of three documents, term 2 in one: 2/3 + 1/3.
        row.Flops.ShouldBe(1, 1e-12);
        row.IndexGigabytesPerMillion.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Pruning_is_of_documents()
    {
        // Of d1 only term 1 stays, of d2 (a tie) term 0.
        var row = SweepMeasurement.Measure(Collection, "m", null, new PruneSettings(PruneType.TopK, 1), CancellationToken.None);
        row.Pruning.ShouldBe("top_k=1");
        row.DocumentTerms.ShouldBe(1);
        row.Flops.ShouldBe(1 / 3.0, 1e-12);
        row.Mrr10.ShouldBe(1);
    }

    [Fact]
    public void Rows_are_written_as_json_csv_and_plots()
    {
        using var folder = new TemporaryFolder();
        TuneRow[] rows = [.. new[] { PruneSettings.None, new PruneSettings(PruneType.TopK, 1) }.Select(p => SweepMeasurement.Measure(Collection, "my, model", null, p, CancellationToken.None))];
        TuneReport.Write(rows, folder.Path);
        var json = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(folder.Path, "tune.json")));
        json.GetArrayLength().ShouldBe(2);
        json[1].GetProperty("pruning").GetString().ShouldBe("top_k=1");
        json[0].GetProperty("ndcg@10").GetDouble().ShouldBe(rows[0].Ndcg10);
        var csv = File.ReadAllLines(Path.Combine(folder.Path, "tune.csv"));
        csv.Length.ShouldBe(3);
        csv[0].ShouldStartWith("data,model,lambda_d,pruning,queries,ndcg@10");
        csv[1].ShouldStartWith("tiny,\"my, model\",,none,1,");
        File.ReadAllText(Path.Combine(folder.Path, "tune.svg")).ShouldContain("<svg");
        File.ReadAllBytes(Path.Combine(folder.Path, "tune.png"))[..4].ShouldBe([0x89, (byte)'P', (byte)'N', (byte)'G']);
    }

    private static Encoding.EncodedText Vector(params (int Id, float Weight)[] entries) =>
        new([.. entries.Select(e => e.Id)], [.. entries.Select(e => e.Weight)], entries.Length, false);
}
