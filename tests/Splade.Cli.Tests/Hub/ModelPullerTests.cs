using Splade.Cli.Hub;
using Splade.Tests;

namespace Splade.Cli.Tests.Hub;

public sealed class ModelPullerTests : IDisposable
{
    private const string Id = "acme/sparse-model";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Only_what_an_import_reads_is_downloaded_byte_for_byte()
    {
        await using var hub = await FakeHub.StartAsync(Model());
        var folder = await PullAsync(hub);
        Names(folder).ShouldBe(["1_SpladePooling/config.json", "README.md", "config.json", "model.safetensors", "modules.json", "vocab.txt"]);
        foreach (var name in Names(folder))
        {
            File.ReadAllBytes(Path.Combine(folder, name)).ShouldBe(hub.Files[name]);
        }

        // Once more: nothing is asked for again.
        var asked = hub.Requests.Count;
        await PullAsync(hub);
        hub.Requests.Count.ShouldBe(asked);
        (await PullAsync(hub, onnx: true)).ShouldBe(folder);
        Names(folder).ShouldContain("onnx/model.onnx");
    }

    [Fact]
    public async Task A_cut_connection_goes_on_where_it_ended()
    {
        await using var hub = await FakeHub.StartAsync(Model());
        hub.Cuts["model.safetensors"] = 2;
        hub.Cuts["vocab.txt"] = 1;
        var folder = await PullAsync(hub);
        File.ReadAllBytes(Path.Combine(folder, "model.safetensors")).ShouldBe(hub.Files["model.safetensors"]);
        File.ReadAllBytes(Path.Combine(folder, "vocab.txt")).ShouldBe(hub.Files["vocab.txt"]);
        hub.Requests.Count(r => r.StartsWith("model.safetensors bytes=", StringComparison.Ordinal)).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_download_that_was_given_up_goes_on_at_the_next_try()
    {
        await using var hub = await FakeHub.StartAsync(Model());
        hub.Cuts["model.safetensors"] = 100;
        (await Should.ThrowAsync<CliException>(() => PullAsync(hub))).Message.ShouldContain("try again to go on");
        var partial = Directory.GetFiles(_folder.Path, "model.safetensors.partial", SearchOption.AllDirectories).ShouldHaveSingleItem();
        var there = new FileInfo(partial).Length;
        there.ShouldBeGreaterThan(0);
        hub.Cuts.Clear();
        hub.Requests.Clear();
        await PullAsync(hub);
        hub.Requests.ShouldBe([$"model.safetensors bytes={there}-"]);
    }

    [Theory]
    [InlineData("model.safetensors", 0, false)]
    [InlineData("model.safetensors", 1, false)]
    [InlineData("vocab.txt", 0, false)]
    [InlineData("vocab.txt", 1, false)]
    [InlineData("vocab.txt", 1, true)]
    [InlineData("model.safetensors", 1, true)]
    public async Task A_kept_file_that_was_damaged_is_fetched_again(string file, int share, bool isTerse)
    {
        await using var hub = await FakeHub.StartAsync(Model());
        var kept = Path.Combine(await PullAsync(hub), file);

        // Empty as after a power cut, or of its length with a byte that is another.
        var damaged = hub.Files[file][..(share * hub.Files[file].Length)];
        if (damaged.Length > 0)
        {
            damaged[damaged.Length / 2] ^= 1;
        }

        File.WriteAllBytes(kept, damaged);
        hub.Requests.Clear();
        hub.IsTerse = isTerse;
        await PullAsync(hub);
        File.ReadAllBytes(kept).ShouldBe(hub.Files[file]);
        if (!isTerse)
        {
            hub.Requests.ShouldBe([file]);
        }
    }

    [Theory]
    [InlineData("model.safetensors", "SHA-256")]
    [InlineData("vocab.txt", "git hash")]
    public async Task Content_with_another_hash_is_refused_and_deleted(string file, string said)
    {
        await using var hub = await FakeHub.StartAsync(Model());
        hub.Corrupt.Add(file);
        var error = await Should.ThrowAsync<CliException>(() => PullAsync(hub));
        error.Message.ShouldContain(said);
        error.Message.ShouldContain(file);
        Directory.GetFiles(_folder.Path, Path.GetFileName(file) + "*", SearchOption.AllDirectories).ShouldBeEmpty();

        // With a hash from the headers alone it is the same.
        hub.IsTerse = true;
        (await Should.ThrowAsync<CliException>(() => PullAsync(hub))).Message.ShouldContain(said);
        hub.Corrupt.Clear();
        await PullAsync(hub);
    }

    [Theory]
    [InlineData(401, "SPLADE_HUB_TOKEN")]
    [InlineData(403, "accept its terms")]
    [InlineData(404, "no model acme/sparse-model")]
    [InlineData(418, "418")]
    public async Task Refusals_say_what_to_do(int status, string said)
    {
        await using var hub = await FakeHub.StartAsync(Model());
        hub.Refusal = status;
        (await Should.ThrowAsync<CliException>(() => PullAsync(hub))).Message.ShouldContain(said);
        Directory.GetFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(429, "too many requests")]
    [InlineData(503, "try again later")]
    public async Task A_hub_that_is_busy_is_asked_again_and_at_last_that_is_said(int status, string said)
    {
        await using var hub = await FakeHub.StartAsync(Model());
        (hub.Refusal, hub.RetryAfter) = (status, 1);
        (await Should.ThrowAsync<HttpRequestException>(() => PullAsync(hub))).Message.ShouldContain(said);
        hub.Refusals = 3;
        File.ReadAllBytes(Path.Combine(await PullAsync(hub), "vocab.txt")).ShouldBe(hub.Files["vocab.txt"]);
    }

    [SkippableFact]
    public async Task A_full_disk_is_said_at_once_and_what_came_is_kept()
    {
        Skip.IfNot(File.Exists("/dev/full"), "This system has no device that is always full.");
        await using var hub = await FakeHub.StartAsync(Model());
        hub.Cuts["model.safetensors"] = 100;
        await Should.ThrowAsync<CliException>(() => PullAsync(hub));
        var partial = Directory.GetFiles(_folder.Path, "model.safetensors.partial", SearchOption.AllDirectories).ShouldHaveSingleItem();
        File.Delete(partial);
        File.CreateSymbolicLink(partial, "/dev/full");
        hub.Cuts.Clear();
        hub.Requests.Clear();
        var error = await Should.ThrowAsync<CliException>(() => PullAsync(hub));
        error.Message.ShouldContain("disk is full");
        error.Message.ShouldContain("model.safetensors");
        hub.Requests.Count.ShouldBe(1);
        File.Delete(partial);
        await PullAsync(hub);
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_to_nobody_else()
    {
        await using var hub = await FakeHub.StartAsync(Model());
        hub.Token = "secret";
        await Should.ThrowAsync<CliException>(() => PullAsync(hub));
        (await Should.ThrowAsync<CliException>(() => PullAsync(hub, token: "wrong"))).Message.ShouldContain("may not read it");
        await PullAsync(hub, token: "secret");
        hub.LeakedTokens.ShouldBe(0);
    }

    [Theory]
    [InlineData("../evil.json")]
    [InlineData("/etc/evil.json")]
    [InlineData("a/../../evil.json")]
    [InlineData("a\\evil.json")]
    [InlineData("c:evil.json")]
    [InlineData("a//evil.json")]
    public async Task A_path_that_leads_out_of_the_folder_downloads_nothing(string path)
    {
        var files = Model();
        files[path] = [1];
        await using var hub = await FakeHub.StartAsync(files);
        (await Should.ThrowAsync<CliException>(() => PullAsync(hub))).Message.ShouldContain("Nothing was downloaded");
        Directory.GetFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_pulled_model_is_imported_and_its_download_is_forgotten()
    {
        var source = SharedData.Require("golden/models/bert-max");
        var files = Directory.GetFiles(source, "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(source, f).Replace('\\', '/'), File.ReadAllBytes);
        await using var hub = await FakeHub.StartAsync(files);
        var (code, output, errors) = await Process.SpladeProcess.RunAsync("model", "pull", Id, "--hub", hub.Url, "--name", "pulled", "--data", _folder.Path);
        code.ShouldBe(0, errors);
        errors.ShouldContain("licence: apache-2.0");
        output.ShouldContain("pulled");
        Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).ShouldBe(["models"]);
        Directory.GetDirectories(Path.Combine(_folder.Path, "models")).Select(Path.GetFileName).ShouldBe(["pulled"]);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_before_anything_is_downloaded()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "models", "taken"));
        var (code, _, errors) = await Process.SpladeProcess.RunAsync("model", "pull", "acme/taken", "--hub", "http://localhost:1", "--data", _folder.Path);
        code.ShouldBe(1);
        errors.ShouldContain("There is a model [taken] already");
        Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).ShouldBe(["models"]);
    }

    [Fact]
    public async Task Nonsense_is_refused_with_its_name()
    {
        await using var hub = await FakeHub.StartAsync(new Dictionary<string, byte[]> { ["config.json"] = [1], ["pytorch_model.bin"] = [1] });
        (await Should.ThrowAsync<CliException>(() => PullAsync(hub))).Message.ShouldContain("neither safetensors nor onnx/model.onnx");
        (await Should.ThrowAsync<CliException>(() => PullAsync(hub, id: "../x"))).Message.ShouldContain("no id of a model");
        (await Should.ThrowAsync<CliException>(() => PullAsync(hub, revision: "other"))).Message.ShouldContain("revision other");
        (await Should.ThrowAsync<CliException>(() => new ModelPuller("nowhere", null, _folder.Path, new ImmediateTime()).DownloadAsync(Id, "main", false, default)))
            .Message.ShouldContain("no address of a hub");
        await using var circle = await FakeHub.StartAsync(Model());
        circle.IsCircular = true;
        (await Should.ThrowAsync<CliException>(() => PullAsync(circle))).Message.ShouldContain("redirects");
    }

    private static Dictionary<string, byte[]> Model()
    {
        var weights = new byte[300_000];
        new Random(1).NextBytes(weights);
        string[] empty = ["pytorch_model.bin", "tf_model.h5", "onnx/model_quantized.onnx", "openvino/config.json", ".gitattributes", "training_args.bin", "adapter_model.safetensors"];
        var files = empty.ToDictionary(n => n, _ => new byte[] { 1 });
        files["model.safetensors"] = weights;
        files["onnx/model.onnx"] = weights[..1000];
        files["vocab.txt"] = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 5000)));
        foreach (var name in (string[])["config.json", "modules.json", "1_SpladePooling/config.json", "README.md"])
        {
            files[name] = System.Text.Encoding.UTF8.GetBytes($"{{\"file\": \"{name}\"}}");
        }

        return files;
    }

    private static string[] Names(string folder) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal)];

    private Task<string> PullAsync(FakeHub hub, string id = Id, string revision = "main", string? token = null, bool onnx = false) =>
        new ModelPuller(hub.Url, token, _folder.Path, new ImmediateTime()).DownloadAsync(id, revision, onnx, default);
}
