using System.Diagnostics;
using System.Security.Cryptography;
using Splade.Tests;

namespace Splade.Index.Tests;

/// <summary>A disk that is full: the job fails with what the system says, nothing is lost, and it works once there is room.</summary>
public sealed class FullDiskTests
{
    [SkippableFact]
    public void A_flush_to_a_full_disk_fails_whole_and_works_again_with_room()
    {
        using var parent = new TemporaryFolder();
        using var small = new SmallDisk(parent.Path);
        var disk = small.Path;
        using var writer = IndexWriter.Open([]);
        for (var i = 0; i < 100; i++)
        {
            writer.Index(new IndexDocument($"d{i}", 1, i, RandomNumberGenerator.GetBytes(8192), [new SparseField("f", [new FeatureWeight("t", 1f)])]));
        }

        var failed = writer.BeginFlush()!;
        Should.Throw<IOException>(() => failed.Run(disk)).Message.ShouldContain("No space left");
        Directory.GetFiles(disk).ShouldBeEmpty();
        writer.Abandon(failed);
        using (var reader = writer.Refresh())
        {
            reader.DocumentCount.ShouldBe(100);
        }

        Run("mount", "-o", "remount,size=16m", disk).ShouldBeTrue();
        var flush = writer.BeginFlush()!;
        flush.Run(disk);
        using var reopened = IndexWriter.Open(writer.Complete(flush));
        reopened.Get("d42")!.Source.Length.ShouldBe(8192);
    }

    /// <summary>The new segment fits, the live documents of the old one don't any more.</summary>
    [SkippableFact]
    public void A_flush_whose_last_file_does_not_fit_leaves_none()
    {
        using var parent = new TemporaryFolder();
        using var small = new SmallDisk(parent.Path);
        var disk = small.Path;

        // Of 200,000 documents 25 KB say which are deleted.
        using var writer = IndexWriter.Open([]);
        for (var i = 0; i < 200_000; i++)
        {
            writer.Index(new IndexDocument($"{i}", 1, i, default, []));
        }

        Flush(parent.Path);
        writer.Delete("17").ShouldBeTrue();
        writer.Index(new IndexDocument("new", 1, 0, new byte[100], [new SparseField("f", [new FeatureWeight("t", 1f)])]));
        File.WriteAllBytes(Path.Combine(disk, "other"), new byte[232 * 1024]);
        var failed = writer.BeginFlush()!;
        Should.Throw<IOException>(() => failed.Run(disk)).Message.ShouldContain("No space left");
        Directory.GetFiles(disk).Select(Path.GetFileName).ShouldBe(["other"]);
        writer.Abandon(failed);
        Flush(parent.Path);
        using var reopened = IndexWriter.Open(writer.Published());
        (reopened.Get("17"), reopened.Get("new")!.Version).ShouldBe((null, 1));

        void Flush(string folder)
        {
            var flush = writer.BeginFlush()!;
            flush.Run(folder);
            writer.Complete(flush);
        }
    }

    /// <summary>A file system of 256 KB, mounted in a folder; skips the test where that can't be.</summary>
    private sealed class SmallDisk : IDisposable
    {
        public SmallDisk(string parent)
        {
            Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, "disk")).FullName;
            Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", Path), "A small file system can't be mounted here.");
        }

        public string Path { get; }

        public void Dispose() => Run("umount", "-l", Path);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
