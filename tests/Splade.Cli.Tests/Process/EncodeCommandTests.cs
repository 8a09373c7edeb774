using System.Text.Json.Nodes;
using Splade.Encoding;
using Splade.Tests;

namespace Splade.Cli.Tests.Process;

public sealed class EncodeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Texts_become_vectors_line_by_line_in_their_order()
    {
        var texts = Write("""
            {"id": "1", "text": "Warm bread from the baker's oven and a very long list of other words"}

            {"_id": 2, "title": "Heart", "text": "attack 🫀"}
            {"id": "3", "text": ""}
            """);
        var (code, output, errors) = await SpladeProcess.RunAsync("encode", texts, "--model", ModelRegistry.DefaultModel, "--tokens", "--data", _folder.Path);
        code.ShouldBe(0, errors);
        var lines = output.TrimEnd().Split('\n').Select(l => JsonNode.Parse(l)!).ToArray();
        lines.Select(l => l["id"]!.ToJsonString()).ShouldBe(["\"1\"", "2", "\"3\""]);
        foreach (var line in lines)
        {
            var indices = line["vector"]!["indices"]!.AsArray().Select(i => (int)i!).ToArray();
            indices.ShouldBe(indices.Order().Distinct());
            line["vector"]!["weights"]!.AsArray().Count.ShouldBe(indices.Length);
            line["input_ids"]!.AsArray().Count.ShouldBe(line["offsets"]!.AsArray().Count);
        }

        // [CLS] heart attack [UNK] [SEP], in UTF-16 code units of title and text.
        lines[1]["offsets"]!.ToJsonString().ShouldBe("[[0,0],[0,5],[6,12],[13,15],[0,0]]");
        lines[2]["vector"]!.ToJsonString().ShouldBe("""{"indices":[],"weights":[]}""");
    }

    /// <summary>ONNX Runtime would keep a device id and what it has yet to send in the user's cache folder; under CI it keeps quiet by itself.</summary>
    [Fact]
    public async Task Nobody_else_is_told_what_runs_here()
    {
        var (code, _, errors) = await SpladeProcess.RunInEnvironmentAsync(
            new() { ["HOME"] = _folder.Path, ["XDG_CACHE_HOME"] = null, ["CI"] = null, ["TF_BUILD"] = null, ["GITHUB_ACTIONS"] = null, ["ORT_DISABLE_TELEMETRY"] = null },
            "encode",
            Write("""{"id": "1", "text": "a secret"}"""),
            "--model",
            ModelRegistry.DefaultModel,
            "--data",
            _folder.Path);
        code.ShouldBe(0, errors);
        errors.ShouldNotContain("telemetry", Case.Insensitive);
        Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Where(p => p.Contains("onnx", StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_folder_is_a_model_its_pruning_can_be_switched_off_and_queries_have_their_side()
    {
        var model = Path.Combine(_folder.Path, "mine");
        CopyDefaultModel(model);
        File.WriteAllText(Path.Combine(model, "splade.json"), """{"document":{"prune_type":"top_k","prune_ratio":1},"query":{"prune_type":"top_k","prune_ratio":2}}""");
        var texts = Write("""{"id": "1", "text": "whales sing under cold water"}""");
        (await CountAsync(texts, model)).ShouldBe(1);
        (await CountAsync(texts, model, "--prune", "none")).ShouldBeGreaterThan(2);
        (await CountAsync(texts, model, "--side", "query")).ShouldBe(2);
    }

    [Fact]
    public async Task An_unknown_option_is_told_on_standard_error_alone()
    {
        var (code, output, errors) = await SpladeProcess.RunAsync("encode", "texts", "--model", ModelRegistry.DefaultModel, "--modle", "x");
        code.ShouldBe(1);
        output.ShouldBeEmpty();
        errors.ShouldContain("--modle");
    }

    [Fact]
    public async Task Faults_are_named()
    {
        var texts = Write("""{"id": "1", "text": "cat"}""" + "\n" + """{"id": "2"}""");
        (await FailAsync("encode", texts, "--model", ModelRegistry.DefaultModel)).ShouldContain("line 2");
        File.WriteAllText(texts, """{"id": "1", "text": "cat"}""");
        (await FailAsync("encode", texts, "--model", "absent")).ShouldContain("no model [absent]");
        (await FailAsync("encode", texts, "--model", "")).ShouldContain("no model []");
        (await FailAsync("encode", Path.Combine(_folder.Path, "absent"), "--model", ModelRegistry.DefaultModel)).ShouldContain("There is no file");
        (await FailAsync("encode", texts, "--model", ModelRegistry.DefaultModel, "--side", "left")).ShouldContain("document or query");
        (await FailAsync("encode", texts, "--model", ModelRegistry.DefaultModel, "--device", "cuda")).ShouldContain("-p:OnnxRuntime=Gpu");
        (await FailAsync("encode", texts, "--model", ModelRegistry.DefaultModel, "--device-strict")).ShouldContain("-p:OnnxRuntime=Gpu");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "empty"));
        (await FailAsync("encode", texts, "--model", Path.Combine(_folder.Path, "empty"))).ShouldContain("empty");
    }

    [Fact]
    public async Task Models_are_listed_shown_checked_measured_and_removed()
    {
        CopyDefaultModel(Path.Combine(_folder.Path, "models", "mine"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "models", "broken"));
        var list = JsonNode.Parse(await OutputAsync("model", "list", "--json", "--data", _folder.Path))!.AsArray();
        list.Select(m => (string)m!["name"]!).ShouldBe(["broken", ModelRegistry.MultilingualModel, "mine", ModelRegistry.DefaultModel]);
        ((string)list[0]!["error"]!).ShouldContain("broken");
        ((int)list[2]!["vocabularySize"]!).ShouldBeGreaterThan(1000);
        (await OutputAsync("model", "list", "--data", _folder.Path)).Split('\n').ShouldContain(l => l.Contains(ModelRegistry.DefaultModel, StringComparison.Ordinal) && l.Contains("sparse_embedding", StringComparison.Ordinal));
        var shown = JsonNode.Parse(await OutputAsync("model", "show", "mine", "--json", "--data", _folder.Path))!;
        ((string)shown["queries"]!).ShouldBe("table");
        var check = JsonNode.Parse(await OutputAsync("model", "check", "mine", "--text", "heart attack", "--json", "--data", _folder.Path))!;
        ((string)check["provider"]!).ShouldBe("CPU");
        ((string)check["queryTerms"]![0]!["term"]!).ShouldBeOneOf("heart", "attack");
        check["warnings"]!.AsArray().ShouldBeEmpty();
        var bench = JsonNode.Parse(await OutputAsync("model", "bench", "mine", "--json", "--limit", "8", "--rounds", "1", "--data", _folder.Path))!.AsObject();
        bench.Select(p => p.Key).ShouldBe(["documentsPerSecond", "tokensPerSecond", "bareSessionDocumentsPerSecond", "naiveDocumentsPerSecond", "paddingShare"]);
        bench.ShouldAllBe(p => (double)p.Value! >= 0);
        (await OutputAsync("model", "remove", "mine", "--data", _folder.Path)).ShouldContain("removed mine");
        Directory.GetDirectories(Path.Combine(_folder.Path, "models")).Select(Path.GetFileName).ShouldBe(["broken"]);
        (await FailAsync("model", "remove", "mine")).ShouldContain("no model [mine]");
        (await FailAsync("model", "remove", ModelRegistry.DefaultModel)).ShouldContain("ships with the program");
        (await FailAsync("model", "bench", "--random", "tiny")).ShouldContain("6x384");
    }

    private async Task<int> CountAsync(string texts, string model, params string[] options)
    {
        var output = await OutputAsync(["encode", texts, "--model", model, "--data", _folder.Path, .. options]);
        return JsonNode.Parse(output)!["vector"]!["indices"]!.AsArray().Count;
    }

    private static async Task<string> OutputAsync(params string[] arguments)
    {
        var (code, output, errors) = await SpladeProcess.RunAsync(arguments);
        code.ShouldBe(0, errors);
        return output;
    }

    private async Task<string> FailAsync(params string[] arguments)
    {
        var (code, _, errors) = await SpladeProcess.RunAsync([.. arguments, "--data", _folder.Path]);
        code.ShouldBe(1);
        errors.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith("splade: ");
        return errors;
    }

    private static void CopyDefaultModel(string to)
    {
        var from = Path.Combine(AppContext.BaseDirectory, "models", ModelRegistry.DefaultModel);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private string Write(string content)
    {
        var path = Path.Combine(_folder.Path, "texts.jsonl");
        File.WriteAllText(path, content);
        return path;
    }
}
