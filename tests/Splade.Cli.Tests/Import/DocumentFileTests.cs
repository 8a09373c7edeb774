using System.IO.Compression;
using Splade.Cli.Import;
using Splade.Tests;

namespace Splade.Cli.Tests.Import;

public sealed class DocumentFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Progress is shown by the size of the file, which of a compressed one is not that of its text.</summary>
    [Theory]
    [InlineData("corpus.jsonl")]
    [InlineData("corpus.jsonl.gz")]
    public void Batches_say_how_far_in_the_file_they_end(string name)
    {
        var path = Path.Combine(_folder.Path, name);
        using (var file = File.Create(path))
        using (Stream content = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file)
        using (var writer = new StreamWriter(content))
        {
            for (var i = 0; i < 20_000; i++)
            {
                writer.WriteLine($$"""{"_id":"{{i}}","text":"number {{i}} of many, {{i * 7919L}}"}""");
            }
        }

        var batches = DocumentFile.Batches(path, () => 1 << 16).ToArray();
        batches.Sum(b => b.Documents.Count).ShouldBe(20_000);
        batches.Length.ShouldBeGreaterThan(10);
        batches.Select(b => b.BytesRead).ShouldBeInOrder();
        batches[0].BytesRead.ShouldBeLessThan(batches[^1].BytesRead);
        batches[^1].BytesRead.ShouldBe(new FileInfo(path).Length);
    }

    [Fact]
    public void A_packed_file_that_ends_in_the_middle_is_no_shorter_file()
    {
        var path = Path.Combine(_folder.Path, "corpus.jsonl.gz");
        using (var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest)))
        {
            writer.WriteLine("""{"_id":"1","text":"one"}""");
        }

        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^8]);
        Should.Throw<InvalidDataException>(() => DocumentFile.Batches(path, () => 1 << 16).Count()).Message.ShouldContain("copy it again");
    }
}
