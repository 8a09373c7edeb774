using System.Text.Json.Nodes;
using Splade.Evaluation;
using Splade.Tests;

namespace Splade.Cli.Tests.Process;

/// <summary><c>splade eval --bm25</c>: the opponent of every model's numbers, without a node.</summary>
public sealed class EvalCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Bm25_is_measured_and_written_as_a_run()
    {
        WriteCollection();
        var run = Path.Combine(_folder.Path, "bm25.trec");
        var (code, output, errors) = await SpladeProcess.RunAsync("eval", _folder.Path, "--bm25", "--run", run, "--json");
        code.ShouldBe(0, errors);
        ((double)JsonNode.Parse(output)!["mrr@10"]!).ShouldBe(1);
        var results = TrecFiles.ReadRun(run)["q"];
        results.Select(r => r.Id).ShouldBe(["stems", "title"]);
        File.ReadAllText(run).ShouldEndWith(" bm25\n");

        // Neither stems nor stop words: nothing is found.
        (code, output, errors) = await SpladeProcess.RunAsync("eval", _folder.Path, "--bm25", "--analyzer", "standard", "--json");
        code.ShouldBe(0, errors);
        ((double)JsonNode.Parse(output)!["recall@100"]!).ShouldBe(0);
    }

    [Theory]
    [InlineData("expected one of arabic", "--analyzer", "klingon")]
    [InlineData("b from 0 to 1", "--b", "2")]
    [InlineData("is not a number", "--k1", "much")]
    public async Task Settings_that_do_not_do_are_refused(string message, params string[] settings)
    {
        WriteCollection();
        var (code, _, errors) = await SpladeProcess.RunAsync(["eval", _folder.Path, "--bm25", .. settings]);
        code.ShouldNotBe(0);
        errors.ShouldContain(message);
    }

    /// <summary>The numbers that <c>baselines.md</c> of the shared data has from another program.</summary>
    [SkippableTheory]
    [InlineData("scifact", 0.678, 0.645, 0.925)]
    [InlineData("nfcorpus-prep", 0.331, 0.530, 0.255)]
    [InlineData("cacm", 0.474, 0.684, 0.644)]
    public async Task Bm25_agrees_with_other_programs(string collection, double ndcg10, double mrr10, double recall100)
    {
        var (code, output, errors) = await SpladeProcess.RunAsync("eval", SharedData.Require(collection), "--bm25", "--json");
        code.ShouldBe(0, errors);
        var report = JsonNode.Parse(output)!;
        ((double)report["ndcg@10"]!).ShouldBe(ndcg10, 0.001);
        ((double)report["mrr@10"]!).ShouldBe(mrr10, 0.001);
        ((double)report["recall@100"]!).ShouldBe(recall100, 0.001);
    }

    private void WriteCollection()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "qrels"));
        File.WriteAllLines(Path.Combine(_folder.Path, "corpus.jsonl"),
        [
            """{"_id":"title","title":"Violins","text":"and what they are made of"}""", """{"_id":"stems","text":"violins sounded"}""", """{"_id":"other","text":"the planets"}""",
        ]);
        File.WriteAllLines(Path.Combine(_folder.Path, "queries.jsonl"), ["""{"_id":"q","text":"the violin sounds"}"""]);
        File.WriteAllLines(Path.Combine(_folder.Path, "qrels", "test.tsv"), ["query-id\tcorpus-id\tscore", "q\tstems\t1"]);
    }
}
