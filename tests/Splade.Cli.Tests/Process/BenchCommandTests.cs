using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Splade.Evaluation;
using Splade.Evaluation.Collections;
using Splade.Evaluation.Collections.Csr;
using Splade.Tests;

namespace Splade.Cli.Tests.Process;

/// <summary><c>splade bench</c> as others call it: on files, and on a running index.</summary>
public sealed class BenchCommandTests : IDisposable
{
    private const int Documents = 300;
    private const int Queries = 6;
    private readonly TemporaryFolder _folder = new();
    private readonly string _documents;
    private readonly string _queries;

    public BenchCommandTests()
    {
        _documents = Write("docs.csr", Documents, perRow: 9, largest: 255, seed: 1);
        _queries = Write("queries.csr", Queries, perRow: 5, largest: 60_000, seed: 2);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_give_the_contracts_json_and_a_run_with_row_numbers()
    {
        var run = Path.Combine(_folder.Path, "run.txt");
        var (code, output, errors) = await SpladeProcess.RunAsync(
            "bench", "--docs", _documents, "--queries", _queries, "--k", "10,100", "--threads", "1", "--passes", "1", "--run", run, "--work", _folder.Path, "--json");
        code.ShouldBe(0, errors);

        var report = JsonNode.Parse(output)!.AsObject();
        report.Select(p => p.Key).ShouldBe(["documents", "terms", "postings", "buildSeconds", "indexBytes", "bytesPerPosting", "residentBytes", "results"], ignoreOrder: true);
        ((int)report["documents"]!).ShouldBe(Documents);
        ((double)report["buildSeconds"]!).ShouldBeGreaterThan(0);
        var results = report["results"]!.AsArray();
        results[0]!.AsObject().Select(p => p.Key).ShouldBe(
            ["mode", "setting", "k", "meanMicros", "p50Micros", "p99Micros", "recall", "postings", "blocks", "allocatedBytes"], ignoreOrder: true);
        results.Select(r => ((string)r!["mode"]!, (int)r["k"]!)).Distinct().ShouldBe(
            [("exact", 10), ("yardstick", 10), ("approximate", 10), ("exact", 100), ("yardstick", 100), ("approximate", 100)], ignoreOrder: true);
        results.Where(r => (string)r!["mode"]! == "exact").ShouldAllBe(r => (double)r!["recall"]! == 1);
        ShouldBeExact(run, 100);
    }

    /// <summary>What would fail at the end only, after hours perhaps.</summary>
    [Theory]
    [InlineData("--run", "nowhere/run.txt", "there is no folder")]
    [InlineData("--run", ".", "is a folder")]
    [InlineData("--work", "docs.csr", "is a file")]
    public async Task Paths_that_cant_be_written_are_refused_before_anything_is_measured(string option, string path, string problem)
    {
        var (code, output, errors) = await SpladeProcess.RunAsync("bench", "--docs", "not there", "--queries", _queries, option, Path.Combine(_folder.Path, path));
        code.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain(option);
        errors.ShouldContain(problem);
    }

    [SkippableTheory]
    [InlineData("docs.csr")]
    [InlineData("queries.csr")]
    [InlineData("link.csr")]
    [InlineData("hard.csr")]
    [InlineData("folder/new.jsonl")]
    public async Task A_run_is_not_written_over_what_is_read(string name)
    {
        Skip.If(OperatingSystem.IsWindows() && name == "hard.csr", "There is no ln.");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "link.csr"), "docs.csr");
        if (name == "hard.csr")
        {
            await System.Diagnostics.Process.Start("ln", [_documents, Path.Combine(_folder.Path, name)]).WaitForExitAsync();
        }

        var before = await File.ReadAllBytesAsync(_documents);
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "folder")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "docs.jsonl"), """{"id":"1","vector":{"1":1}}""");
        var documents = name.StartsWith("folder", StringComparison.Ordinal) ? folder : _documents;
        var (code, output, errors) = await SpladeProcess.RunAsync("bench", "--docs", documents, "--queries", _queries, "--run", Path.Combine(_folder.Path, name));
        code.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain("would be written over or among vectors that are read");
        (await File.ReadAllBytesAsync(_documents)).ShouldBe(before);
    }

    /// <summary>As scripts leave them out, or name a variable that is not set.</summary>
    [Theory]
    [InlineData("--run", "--json", "splade bench: --run needs a value")]
    [InlineData("--work", "--json", "splade bench: --work needs a value")]
    [InlineData("--run", "", "splade bench: --run is empty: name a file.\nMore: splade bench --help\n")]
    [InlineData("--work", "", "splade bench: --work is empty: name a folder.\n")]
    [InlineData("--index", "other", "splade bench: --docs and --index are both given: ")]
    [InlineData("--k", "", "splade: --k is empty: name depths between 1 and 1,000,000, such as 10,1000.\n")]
    [InlineData("--k", "99999999999", "splade: --k: '99999999999' is not a whole number between 1 and 1,000,000; expected something like 10,1000.\n")]
    public async Task Values_that_are_left_out_or_can_not_be_are_asked_for(string option, string value, string problem)
    {
        var (code, output, errors) = await SpladeProcess.RunAsync("bench", "--docs", _documents, "--queries", _queries, option, value);
        code.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldStartWith(problem);
    }

    [Fact]
    public async Task Something_to_measure_is_asked_for()
    {
        var (code, output, errors) = await SpladeProcess.RunAsync("bench", "--queries", _queries);
        (code, output).ShouldBe((1, ""));
        errors.ShouldStartWith("splade bench: there is nothing to measure: give --docs, a collection to index, or --index, a running index.\n");
    }

    [Fact]
    public async Task A_setting_out_of_range_is_named_as_it_was_given()
    {
        string[] arguments = ["bench", "--docs", _documents, "--queries", _queries];
        var (code, _, errors) = await SpladeProcess.RunInEnvironmentAsync(new() { ["SPLADE_MAX_QUERIES"] = "0" }, arguments);
        (code, errors.TrimEnd()).ShouldBe((1, "splade: SPLADE_MAX_QUERIES must be at least 1."));
        (code, _, errors) = await SpladeProcess.RunAsync([.. arguments, "--max-queries", "0"]);
        (code, errors.TrimEnd()).ShouldBe((1, "splade: --max-queries must be at least 1."));
    }

    /// <summary>Not by Ctrl-C's: shells make what they start in the background, and a run of tests may be that, ignore it.</summary>
    [SkippableTheory]
    [InlineData(SpladeProcess.Sigterm, 143)]
    [InlineData(SpladeProcess.Sighup, 129)]
    public async Task A_signal_ends_it_in_order_and_its_index_goes(int signal, int expected)
    {
        Skip.If(SpladeProcess.Ignores(signal), "The tests run where the signal is ignored, as under nohup.");
        var work = Directory.CreateDirectory(Path.Combine(_folder.Path, "work")).FullName;
        var (code, output, errors) = await SpladeProcess.RunUntilAsync(
            work, signal, "bench", "--docs", _documents, "--queries", _queries, "--passes", "1000", "--work", work);
        code.ShouldBe(expected, errors);
        output.ShouldBeEmpty();
        errors.ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(work).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_file_larger_than_the_limit_is_a_line_and_nothing_half_written_stays()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "limited")).FullName;
        var run = Path.Combine(folder, "run.txt");
        await File.WriteAllTextAsync(run, "as it was");
        foreach (var arguments in (string[][])
        [
            ["bench", "--docs", _documents, "--queries", _queries, "--work", folder, "--run", run],
            ["convert", _documents, "--to", "csr", "--out", Path.Combine(folder, "out")],
            ["convert", _documents, "--to", "ciff", "--out", Path.Combine(folder, "out")],
        ])
        {
            var (code, output, errors) = await SpladeProcess.RunWithFileLimitAsync(4, arguments);
            (code, output, errors.TrimEnd()).ShouldBe((1, "", "splade: " + FileTooLarge.Message));
            Directory.EnumerateFileSystemEntries(folder).ShouldBe([run]);
            (await File.ReadAllTextAsync(run)).ShouldBe("as it was");
        }
    }

    [SkippableTheory]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    public async Task Errors_that_nobody_can_read_are_an_exit_code(string redirection)
    {
        foreach (var arguments in (string[][])[["nonsense"], ["convert", "nowhere.csr", "--to", "ciff", "--out", _folder.Path]])
        {
            (await SpladeProcess.RunRedirectedAsync(redirection, arguments)).ShouldBe((1, "", ""));
        }
    }

    [SkippableTheory]
    [InlineData(">&-")]
    [InlineData(">/dev/full")]
    public async Task Output_that_can_not_be_written_is_told_and_the_work_is_done(string redirection)
    {
        var folder = Path.Combine(_folder.Path, "out");
        foreach (var arguments in (string[][])[["--help"], ["convert", _documents, "--to", "ciff", "--out", folder]])
        {
            var (code, _, errors) = await SpladeProcess.RunRedirectedAsync(redirection, arguments);
            code.ShouldBe(1);
            errors.ShouldStartWith("splade: Standard output can't be written: ");
            errors.TrimEnd().ShouldNotContain("\n");
        }

        VectorFiles.Open(Path.Combine(folder, "docs.ciff")).Rows().Count().ShouldBe(Documents);
    }

    /// <summary>By the name that was given, not by one that was made up.</summary>
    [SkippableFact]
    public async Task A_place_that_takes_no_files_is_named()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Other systems have no such place.");
        string[] bench = ["bench", "--docs", _documents, "--queries", _queries, "--passes", "1", "--k", "1", "--bound-scales", ""];
        foreach (var (arguments, problem) in ((string[], string)[])
        [
            ([.. bench, "--run", "/proc/run"], "--run /proc/run can't be written: In /proc no file can be made: "),
            ([.. bench, "--work", "/proc"], "--work /proc can't be written: In /proc no folder can be made: "),
            ([.. bench, "--run", "/dev/full"], "--run /dev/full can't be written: "),
            (["convert", _documents, "--to", "ciff", "--out", "/proc/out"], "In /proc no folder can be made: "),
            (["convert", _documents, "--to", "ciff", "--out", "/proc"], "In /proc no file can be made: "),
        ])
        {
            var (code, output, errors) = await SpladeProcess.RunAsync(arguments);
            (code, output).ShouldBe((1, ""));
            errors.ShouldStartWith("splade: " + problem);
        }
    }

    [Theory]
    [InlineData("ciff", ".ciff")]
    [InlineData("seismic", ".jsonl")]
    public async Task Converted_files_give_the_same_run(string format, string ending)
    {
        var (code, output, errors) = await SpladeProcess.RunAsync("convert", _documents, _queries, "--to", format, "--out", Path.Combine(_folder.Path, format));
        code.ShouldBe(0, errors);
        errors.ShouldBeEmpty();
        var written = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        written.Select(Path.GetFileName).ShouldBe(["docs" + ending, "queries" + ending]);

        var run = Path.Combine(_folder.Path, "run.txt");
        (code, _, errors) = await SpladeProcess.RunAsync(
            "bench", "--docs", written[0], "--queries", written[1], "--k", "100", "--passes", "1", "--run", run, "--work", _folder.Path);
        code.ShouldBe(0, errors);
        ShouldBeExact(run, 100);
    }

    [Fact]
    public async Task What_can_not_be_converted_is_refused_by_name()
    {
        var (code, _, errors) = await SpladeProcess.RunAsync("convert", _documents, "--to", "csr", "--out", _folder.Path);
        code.ShouldBe(1);
        errors.ShouldContain("another folder");
        VectorFiles.Open(_documents).Rows().Count().ShouldBe(Documents);

        (code, _, errors) = await SpladeProcess.RunAsync("convert", "nowhere.csr", "--to", "ciff", "--out", _folder.Path);
        code.ShouldBe(1);
        errors.ShouldContain("nowhere.csr");

        (code, _, errors) = await SpladeProcess.RunAsync("convert", _documents, "--to", "ciff", "--out", _queries);
        code.ShouldBe(1);
        errors.ShouldContain("a folder is needed");

        (code, _, errors) = await SpladeProcess.RunAsync("convert", _documents, "--to", "xyz", "--out", _folder.Path);
        code.ShouldNotBe(0);
        errors.ShouldContain("--to of 'xyz' is none of csr, ciff, anserini and seismic.");

        (code, _, errors) = await SpladeProcess.RunAsync("convert", _documents, "--to", "ciff", "--scale", "-1", "--out", _folder.Path);
        code.ShouldNotBe(0);
        errors.ShouldContain("--scale of '-1' is not a number above 0.");

        (code, _, errors) = await SpladeProcess.RunAsync("convert", _documents, "--to", "ciff", "--out", "");
        code.ShouldNotBe(0);
        errors.ShouldStartWith("splade convert: --out is empty: name a folder.");
    }

    [Fact]
    public async Task A_packed_file_that_ends_in_the_middle_is_no_shorter_file()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            await gzip.WriteAsync("""{"id":"1","vector":{"1":1}}"""u8.ToArray().Append((byte)'\n').ToArray());
        }

        var cut = Path.Combine(_folder.Path, "cut.jsonl.gz");
        await File.WriteAllBytesAsync(cut, packed.ToArray()[..^8]);
        var (code, output, errors) = await SpladeProcess.RunAsync("bench", "--docs", cut, "--queries", _queries, "--work", _folder.Path);
        code.ShouldBe(1, output);
        errors.ShouldContain("copy it again");

        (code, output, errors) = await SpladeProcess.RunAsync("convert", cut, "--to", "ciff", "--out", Path.Combine(_folder.Path, "out"));
        code.ShouldBe(1, output);
        errors.ShouldContain("copy it again");
        errors.TrimEnd().ShouldNotContain("\n");
        Directory.Exists(Path.Combine(_folder.Path, "out")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_running_index_is_measured_by_its_interface()
    {
        await using var node = await SpladeProcess.ServeAsync(Path.Combine(_folder.Path, "node"));
        (await node.SendAsync(HttpMethod.Put, "/vectors", """{"mappings":{"properties":{"v":{"type":"sparse_vector"}}}}""")).Status.ShouldBe(HttpStatusCode.OK);
        var bulk = new StringBuilder();
        foreach (var (row, number) in VectorFiles.Open(_documents).Rows().Select((r, i) => (r, i)))
        {
            var vector = new JsonObject(row.Terms.Select((t, i) => KeyValuePair.Create($"{t}", (JsonNode?)row.Weights[i])));
            bulk.AppendLine(new JsonObject { ["index"] = new JsonObject { ["_id"] = $"{number}" } }.ToJsonString()).AppendLine(new JsonObject { ["v"] = vector }.ToJsonString());
        }

        var (status, body) = await node.SendAsync(HttpMethod.Post, "/vectors/_bulk?refresh=true", System.Text.Encoding.UTF8.GetBytes(bulk.ToString()), "application/x-ndjson");
        status.ShouldBe(HttpStatusCode.OK);
        ((bool)body!["errors"]!).ShouldBeFalse(body.ToJsonString());

        var run = Path.Combine(_folder.Path, "remote.txt");
        var (code, output, errors) = await SpladeProcess.RunAsync(
            "bench", "--index", "vectors", "--field", "v", "--queries", _queries, "--k", "10", "--passes", "1", "--bound-scales", "0.9", "--run", run, "--url", node.Url, "--json");
        code.ShouldBe(0, errors);
        var report = JsonNode.Parse(output)!;
        ((int)report["documents"]!).ShouldBe(Documents);
        report["results"]!.AsArray().Select(r => ((string)r!["mode"]!, (int)r["k"]!)).ShouldBe([("exact", 10), ("approximate", 10)]);
        report["results"]!.AsArray().ShouldAllBe(r => (double)r!["meanMicros"]! > 0 && (double)r["postings"]! > 0);
        TrecFiles.ReadRun(run).Count.ShouldBe(Queries);

        (code, output, errors) = await SpladeProcess.RunAsync("bench", "--index", "vectors", "--field", "w", "--queries", _queries, "--url", node.Url);
        (code, output).ShouldBe((1, ""));
        errors.ShouldContain("has no field w to search: name one with --field. It has v.");
    }

    private void ShouldBeExact(string run, int k)
    {
        var ranking = TrecFiles.ReadRun(run);
        var rows = VectorFiles.Open(_documents).Rows().ToArray();
        foreach (var (query, number) in VectorFiles.Open(_queries).Rows().Select((r, i) => (r, i)))
        {
            var weights = query.Terms.Select((t, i) => (t, query.Weights[i])).ToDictionary();
            var expected = rows.Select((d, i) => (Row: i, Score: d.Terms.Select((t, j) => (long)weights.GetValueOrDefault(t) * (long)d.Weights[j]).Sum()))
                .Where(s => s.Score > 0).OrderByDescending(s => s.Score).ThenBy(s => s.Row).Take(k);
            ranking[$"{number}"].Select(r => r.Id).ShouldBe(expected.Select(e => $"{e.Row}"));
        }
    }

    private string Write(string name, int rows, int perRow, int largest, int seed)
    {
        var path = Path.Combine(_folder.Path, name);
        var random = new Random(seed);
        using var writer = new CsrWriter(path);
        for (var row = 0; row < rows; row++)
        {
            var columns = Enumerable.Range(0, perRow).Select(_ => random.Next(40)).Distinct().ToArray();
            writer.Add(columns, [.. columns.Select(_ => (float)random.Next(1, largest + 1))]);
        }

        writer.Complete(40);
        return path;
    }
}
