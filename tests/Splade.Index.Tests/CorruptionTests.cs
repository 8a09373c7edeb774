using System.Text;
using Splade.Index.Segments;
using Splade.Tests;

namespace Splade.Index.Tests;

public sealed class CorruptionTests
{
    [Fact]
    public void Any_flipped_byte_of_a_segment_is_a_typed_error_or_padding()
    {
        using var folder = new TemporaryFolder();
        var path = WriteSegment(folder.Path, out _);
        var good = File.ReadAllBytes(path);
        var random = new Random(11);
        var refused = 0;
        for (var i = 0; i < 400; i++)
        {
            var bytes = good.ToArray();
            var position = i < good.Length ? random.Next(good.Length) : 0;
            bytes[position] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, bytes);
            try
            {
                using var writer = IndexWriter.Open([new SegmentFiles("0", path, null)]);
                using var reader = writer.Refresh();
                reader.DocumentCount.ShouldBe(50);
                good[position].ShouldBe((byte)0, "only padding has no checksum");
            }
            catch (SegmentCorruptException exception)
            {
                exception.File.ShouldBe(path);
                exception.Section.ShouldNotBeEmpty();
                refused++;
            }
        }

        // Only the padding between sections is not covered by a checksum.
        refused.ShouldBeGreaterThan(320);
    }

    [Fact]
    public void Any_truncation_is_a_typed_error()
    {
        using var folder = new TemporaryFolder();
        var path = WriteSegment(folder.Path, out _);
        var good = File.ReadAllBytes(path);
        for (var length = 0; length < good.Length; length += 37)
        {
            File.WriteAllBytes(path, good[..length]);
            Should.Throw<SegmentCorruptException>(() => IndexWriter.Open([new SegmentFiles("0", path, null)]));
        }
    }

    [Fact]
    public void Damaged_contents_that_no_checksum_guards_never_leave_the_typed_errors()
    {
        using var folder = new TemporaryFolder();
        var path = WriteSegment(folder.Path, out _);
        var good = File.ReadAllBytes(path);
        var random = new Random(12);
        for (var i = 0; i < 600; i++)
        {
            var bytes = good.ToArray();
            for (var flips = 0; flips < 3; flips++)
            {
                bytes[random.Next(8, good.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(path, bytes);
            try
            {
                using var writer = IndexWriter.Open([new SegmentFiles("0", path, null)], new IndexWriterOptions { VerifyChecksums = false });
                using var reader = writer.Refresh();
                reader.Search(new SparseVectorQuery("f", [new FeatureWeight("t1", 1f), new FeatureWeight("t7", 1f)]), 10);
                reader.Get("d7");
                writer.Find("d8");
            }
            catch (SegmentCorruptException)
            {
                // The typed error is what we want; anything else fails the test.
            }
        }
    }

    [Fact]
    public void A_newer_format_says_so()
    {
        using var folder = new TemporaryFolder();
        var path = WriteSegment(folder.Path, out _);
        var bytes = File.ReadAllBytes(path);
        bytes[6] = 99;
        File.WriteAllBytes(path, bytes);
        Should.Throw<SegmentCorruptException>(() => IndexWriter.Open([new SegmentFiles("0", path, null)])).Message.ShouldContain("version 99");
    }

    [Fact]
    public void Damaged_or_foreign_live_documents_are_typed_errors()
    {
        using var folder = new TemporaryFolder();
        var path = WriteSegment(folder.Path, out var files);
        files.LivePath.ShouldNotBeNull();
        var good = File.ReadAllBytes(files.LivePath);
        for (var position = 0; position < good.Length; position++)
        {
            var bytes = good.ToArray();
            bytes[position] ^= 0x10;
            File.WriteAllBytes(files.LivePath, bytes);
            Should.Throw<SegmentCorruptException>(() => IndexWriter.Open([files])).File.ShouldBe(files.LivePath);
        }

        File.WriteAllBytes(files.LivePath, LiveDocs.AllLive(3).ToBytes());
        Should.Throw<SegmentCorruptException>(() => IndexWriter.Open([files]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_whole_file_that_is_another_segment_is_a_typed_error_that_says_what_to_do(bool verifyChecksums)
    {
        using var folder = new TemporaryFolder();
        using var otherFolder = new TemporaryFolder();
        var options = new IndexWriterOptions { VerifyChecksums = verifyChecksums };
        var path = WriteSegment(folder.Path, out var files);
        var other = WriteSegment(otherFolder.Path, out var otherFiles, "x");
        IndexWriter.Open([files], options).Dispose();
        File.Copy(other, path, overwrite: true);
        var exception = Should.Throw<SegmentCorruptException>(() => IndexWriter.Open([files], options));
        exception.File.ShouldBe(path);
        exception.Message.ShouldContain("another segment");
        exception.Message.ShouldContain("than the one that the shard's manifest names");

        // Nothing is known of it: what an older program has published opens, and its next manifest has the digests.
        using var writer = IndexWriter.Open([files with { SegmentDigest = null, LiveDigest = null }], options);
        var published = writer.Published().ShouldHaveSingleItem();
        published.SegmentDigest.ShouldBe(otherFiles.SegmentDigest.ShouldNotBeNull());
        published.LiveDigest.ShouldBe(files.LiveDigest.ShouldNotBeNull());
    }

    [Fact]
    public void Live_documents_of_another_segment_of_as_many_documents_are_a_typed_error()
    {
        using var folder = new TemporaryFolder();
        using var otherFolder = new TemporaryFolder();
        WriteSegment(folder.Path, out var files);
        WriteSegment(otherFolder.Path, out var otherFiles, deleted: 4);
        File.Copy(otherFiles.LivePath!, files.LivePath!, overwrite: true);
        var exception = Should.Throw<SegmentCorruptException>(() => IndexWriter.Open([files]));
        exception.File.ShouldBe(files.LivePath);
        exception.Message.ShouldContain("another live-documents file");
        IndexWriter.Open([files with { LiveDigest = null }]).Dispose();
    }

    [Fact]
    public void A_merged_segment_has_a_digest_too()
    {
        using var folder = new TemporaryFolder();
        WriteSegment(folder.Path, out var files);
        using var writer = IndexWriter.Open([files]);
        var merge = writer.ForceMerge()!;
        merge.Run(folder.Path);
        var merged = writer.Complete(merge).ShouldHaveSingleItem();
        merged.SegmentDigest.ShouldNotBeNull().ShouldNotBe(files.SegmentDigest!.Value);
        merged.LiveDigest.ShouldBeNull();
        IndexWriter.Open([merged]).Dispose();
    }

    private static string WriteSegment(string folder, out SegmentFiles files, string prefix = "d", int deleted = 3)
    {
        using var writer = IndexWriter.Open([]);
        for (var i = 0; i < 50; i++)
        {
            writer.Index(new IndexDocument(
                $"{prefix}{i}", 1, i, Encoding.UTF8.GetBytes($"{{\"text\":\"document number {i}\"}}"),
                [new SparseField("f", [new FeatureWeight($"t{i % 10}", 1 + i), new FeatureWeight("all", 0.5f)])]));
        }

        var flush = writer.BeginFlush()!;
        flush.Run(folder);
        writer.Complete(flush);
        writer.Delete($"{prefix}{deleted}").ShouldBeTrue();
        var second = writer.BeginFlush()!;
        second.Run(folder);
        files = writer.Complete(second).ShouldHaveSingleItem();
        return files.SegmentPath;
    }
}
