using System.Diagnostics;
using Splade.Tests;

namespace Splade.Training.Tests;

/// <summary>The program itself, killed in the middle and resumed.</summary>
[Collection(TorchTests.Name)]
public sealed class KillTests
{
    [Fact]
    public async Task A_killed_program_goes_on_with_resume_and_ends_with_the_same_model()
    {
        using var folder = new TemporaryFolder();
        var text = TinyTexts.WritePassages(folder.Path);
        string[] options =
        [
            "--text", text, "--vocabulary-size", "300", "--mlm-steps", "4", "--mlm-batch", "8", "--steps", "60", "--batch", "8", "--max-length", "48", "--checkpoint-every", "5",
            "--threads", "1",
        ];
        var (whole, killed) = (Path.Combine(folder.Path, "whole"), Path.Combine(folder.Path, "killed"));
        using (var run = Start(["train", "--out", whole, .. options]))
        {
            await run.WaitForExitAsync();
            run.ExitCode.ShouldBe(0);
        }

        using (var run = Start(["train", "--out", killed, .. options]))
        {
            await WaitForCheckpointAsync(Path.Combine(killed, "training"));
            run.Kill();
            await run.WaitForExitAsync();
            run.ExitCode.ShouldNotBe(0);
        }

        File.Exists(Path.Combine(killed, "modules.json")).ShouldBeFalse();
        using (var run = Start(["train", "--resume", "--out", killed]))
        {
            await run.WaitForExitAsync();
            run.ExitCode.ShouldBe(0);
        }

        foreach (var file in new[] { "document_0_MLMTransformer/model.safetensors", "query_0_SparseStaticEmbedding/model.safetensors" })
        {
            File.ReadAllBytes(Path.Combine(killed, file)).ShouldBe(File.ReadAllBytes(Path.Combine(whole, file)), file);
        }
    }

    [Theory]
    [InlineData("there is no file", "train", "--out", "x", "--text", "/no/such/file")]
    [InlineData("no training run", "train", "--out", "x", "--resume")]
    [InlineData("nothing to train on", "train", "--out", "x")]
    [InlineData("nothing to tune", "tune", "--data", "x")]
    [InlineData("--source is missing", "train", "distil", "--out", "x", "--teacher", "t")]
    [InlineData("no training run", "train", "distil", "--out", "x", "--resume")]
    public async Task A_mistake_is_one_line_and_exit_code_1(string message, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        using var run = Start(arguments, folder.Path);
        var error = await run.StandardError.ReadToEndAsync();
        await run.WaitForExitAsync();
        run.ExitCode.ShouldBe(1);
        error.TrimEnd().ShouldNotContain("\n");
        error.ShouldContain(message, Case.Insensitive);
        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    /// <summary>Training is two steps behind its first checkpoint.</summary>
    private static async Task WaitForCheckpointAsync(string folder)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var seen = new TaskCompletionSource();
        await using var registration = timeout.Token.Register(() => seen.TrySetException(new TimeoutException("No checkpoint was written.")));
        Directory.CreateDirectory(folder);
        using var watcher = new FileSystemWatcher(folder, "metrics.jsonl") { EnableRaisingEvents = true };
        watcher.Changed += (_, _) => Check();
        watcher.Created += (_, _) => Check();
        Check();
        await seen.Task;

        void Check()
        {
            try
            {
                using var stream = new FileStream(Path.Combine(folder, "metrics.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                if (new StreamReader(stream).ReadToEnd().Contains("\"training\",\"step\":7,", StringComparison.Ordinal))
                {
                    seen.TrySetResult();
                }
            }
            catch (IOException)
            {
                // Not yet there, or being replaced.
            }
        }
    }

    private static Process Start(string[] arguments, string? folder = null) => Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!, [Path.Combine(AppContext.BaseDirectory, "splade-train.dll"), .. arguments])
    {
        RedirectStandardError = folder is not null, WorkingDirectory = folder ?? "",
    })!;
}
