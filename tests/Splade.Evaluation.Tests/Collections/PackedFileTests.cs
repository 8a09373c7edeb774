using System.IO.Compression;
using Splade.Evaluation.Collections;
using Splade.Tests;

namespace Splade.Evaluation.Tests.Collections;

/// <summary>A gzipped file that was not copied to its end is not a shorter file.</summary>
public sealed class PackedFileTests : IDisposable
{
    private const int Rows = 20_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cut_where_the_writer_flushed_it_is_refused()
    {
        var (bytes, flushed) = Packed();
        foreach (var length in (int[])[flushed, bytes.Length - 8, bytes.Length - 1, 10])
        {
            var path = Write(bytes[..length]);
            var refusal = Should.Throw<VectorFileException>(() => VectorFiles.Open(path).Rows().Count());
            refusal.Line.ShouldNotBeNull();
            refusal.Message.ShouldContain("copy it again");
            Should.Throw<InvalidDataException>(() => TextFiles.Lines(path).Count()).Message.ShouldStartWith(path);
        }
    }

    [Fact]
    public void Members_that_follow_each_other_are_one_file_and_the_last_must_be_whole()
    {
        var (bytes, flushed) = Packed();
        VectorFiles.Open(Write([.. bytes, .. bytes, .. bytes])).Rows().Count().ShouldBe(3 * Rows);
        Should.Throw<VectorFileException>(() => VectorFiles.Open(Write([.. bytes, .. bytes[..flushed]])).Rows().Count());
        Should.Throw<VectorFileException>(() => VectorFiles.Open(Write([.. bytes, .. bytes[..^8]])).Rows().Count());
    }

    /// <returns>The file, and where its first half ends at a flush.</returns>
    private static (byte[] Bytes, int Flushed) Packed()
    {
        using var packed = new MemoryStream();
        var flushed = 0;
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var row = 0; row < Rows; row++)
            {
                gzip.Write(System.Text.Encoding.UTF8.GetBytes($$$"""{"id":"{{{row}}}","vector":{"a":{{{(row * 7919L % 1000) + 1}}}}}""" + "\n"));
                if (row == Rows / 2)
                {
                    gzip.Flush();
                    flushed = (int)packed.Length;
                }
            }
        }

        return (packed.ToArray(), flushed);
    }

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(_folder.Path, "rows.jsonl.gz");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
