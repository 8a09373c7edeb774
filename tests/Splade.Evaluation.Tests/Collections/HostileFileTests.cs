using System.Runtime.InteropServices;
using Google.Protobuf;
using Splade.Evaluation.Collections;
using Splade.Evaluation.Collections.Ciff;
using Splade.Evaluation.Collections.Ciff.Wire;
using Splade.Evaluation.Collections.Csr;
using Splade.Tests;

namespace Splade.Evaluation.Tests.Collections;

public sealed class HostileFileTests
{
    [Theory]
    [InlineData(-1, 5, 0)]
    [InlineData(1, -5, 0)]
    [InlineData(1, 5, -1)]
    [InlineData(long.MaxValue, 5, 0)]
    [InlineData(long.MaxValue / 8, 5, long.MaxValue / 8)]
    [InlineData(1, 5, long.MaxValue)]
    [InlineData(1, long.MaxValue, 0)]
    [InlineData(2, 5, 0)]
    public void Csr_sizes_that_the_file_has_not_are_refused(long rows, long columns, long nonZeros) =>
        ShouldRefuse("x.csr", MemoryMarshal.AsBytes<long>([rows, columns, nonZeros, 0, 0]).ToArray()).Offset.ShouldBe(0);

    [Fact]
    public void Csr_starts_must_ascend_and_stay_inside()
    {
        ShouldRefuse("x.csr", Csr([1, 2], [(0, 1f), (1, 1f)])).Offset.ShouldBe(24);
        ShouldRefuse("x.csr", Csr([0, 2, 1, 2], [(0, 1f), (1, 1f)])).Offset.ShouldBe(24 + 16);
        ShouldRefuse("x.csr", Csr([0, -1], [(0, 1f), (1, 1f)])).Offset.ShouldBe(24 + 8);
        ShouldRefuse("x.csr", Csr([0, 1], [(0, 1f), (1, 1f)])).Offset.ShouldBe(24 + 8);
        ShouldRefuse("x.csr", Csr([0, long.MaxValue], [(0, 1f), (1, 1f)])).Offset.ShouldBe(24 + 8);
    }

    [Fact]
    public void Csr_columns_and_weights_are_checked()
    {
        ShouldRefuse("x.csr", Csr([0, 2], [(0, 1f), (9, 1f)])).Offset.ShouldBe(24 + 16 + 4);
        ShouldRefuse("x.csr", Csr([0, 2], [(-1, 1f), (1, 1f)])).Offset.ShouldBe(24 + 16);
        ShouldRefuse("x.csr", Csr([0, 2], [(1, 1f), (1, 1f)])).Message.ShouldContain("twice");
        ShouldRefuse("x.csr", Csr([0, 2], [(1, float.NaN), (0, 1f)])).Offset.ShouldBe(24 + 16 + 8);
    }

    [Fact]
    public void Csr_cut_anywhere_is_refused()
    {
        var bytes = Csr([0, 1, 2], [(0, 1f), (1, 1f)]);
        for (var length = 0; length < bytes.Length; length++)
        {
            ShouldRefuse("x.csr", bytes[..length]);
        }
    }

    [Theory]
    [InlineData("""{"id":"1","vector":{"a":1}""", 2)]
    [InlineData("""{"id":"1"}""", 2)]
    [InlineData("""{"vector":{"a":1}}""", 2)]
    [InlineData("""{"id":"","vector":{"a":1}}""", 2)]
    [InlineData("""{"id":true,"vector":{"a":1}}""", 2)]
    [InlineData("""{"id":"1","vector":[1,2]}""", 2)]
    [InlineData("""{"id":"1","vector":{"a":"1"}}""", 2)]
    [InlineData("""{"id":"1","vector":{"a":1e99}}""", 2)]
    [InlineData("""{"id":"1","vector":{"a":1,"a":2}}""", 2)]
    [InlineData("""{"id":"1","vector":{"":1}}""", 2)]
    [InlineData("""{"id":"1","vector":{"a":1},"vector":{"b":1}}""", 2)]
    [InlineData("""{"id":"1","vector":{"\ud800":1}}""", 2)]
    [InlineData("""{"id":"1","contents":["x"],"vector":{}}""", 2)]
    [InlineData("""{"id":"1","vector":{}} {}""", 2)]
    [InlineData("""[{"id":"1","vector":{}}]""", 2)]
    [InlineData("nonsense", 2)]
    public void A_malformed_line_is_named(string line, long number) =>
        ShouldRefuse("x.jsonl", System.Text.Encoding.UTF8.GetBytes("""{"id":"0","vector":{"a":1}}""" + "\n" + line + "\n")).Line.ShouldBe(number);

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        ShouldRefuse("x.jsonl", [.. "{\"id\":\""u8, 0xFF, 0xFE, .. "\",\"vector\":{}}"u8]).Line.ShouldBe(1);
        ShouldRefuse("x.jsonl.gz", [1, 2, 3, 4]).Line.ShouldBe(1);
    }

    [Fact]
    public void Deep_nesting_does_not_overflow_the_stack() =>
        ShouldRefuse("x.jsonl", System.Text.Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 100_000))).Line.ShouldBe(1);

    [Fact]
    public void Ciff_cut_anywhere_is_refused()
    {
        var bytes = Ciff();
        for (var length = 0; length < bytes.Length; length++)
        {
            ShouldRefuse("x.ciff", bytes[..length]).Offset!.Value.ShouldBeLessThanOrEqualTo(length);
        }

        ShouldRefuse("x.ciff", [.. bytes, 0]).Message.ShouldContain("follow");
    }

    [Fact]
    public void Ciff_sizes_that_the_file_has_not_allocate_nothing()
    {
        // A header of 2 GB, one that counts 2 billion documents, and a list of 2 GB.
        byte[] twoGigabytes = [0xFF, 0xFF, 0xFF, 0xFF, 0x07];
        var before = GC.GetTotalAllocatedBytes();
        ShouldRefuse("x.ciff", [.. twoGigabytes, 1]);
        ShouldRefuse("x.ciff", Ciff(documents: int.MaxValue));
        ShouldRefuse("x.ciff", Ciff(lists: int.MaxValue));
        ShouldRefuse("x.ciff", [.. Delimited(new Header { NumDocs = 1, NumPostingsLists = 1 }), .. twoGigabytes, 1]);
        ShouldRefuse("x.ciff", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(50_000_000);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(-1, 3)]
    [InlineData(0, 0)]
    [InlineData(0, 2)]
    [InlineData(0, int.MaxValue)]
    [InlineData(int.MinValue, 1)]
    public void Ciff_documents_must_ascend_and_exist(int first, int gap) =>
        ShouldRefuse("x.ciff", Ciff(postings: [(first, 1), (gap, 1)])).Message.ShouldContain("posting");

    [Fact]
    public void Ciff_lists_and_records_are_checked()
    {
        ShouldRefuse("x.ciff", Ciff(documents: -1));
        ShouldRefuse("x.ciff", Ciff(lists: -1));
        ShouldRefuse("x.ciff", Ciff(frequency: 3)).Message.ShouldContain("said to have 3");
        ShouldRefuse("x.ciff", Ciff(term: "")).Message.ShouldContain("without a term");
        ShouldRefuse("x.ciff", Ciff(postings: [(0, 1 << 25), (1, 1)])).Message.ShouldContain("impact");
        ShouldRefuse("x.ciff", Ciff(records: [0, 0])).Message.ShouldContain("record 1");
        ShouldRefuse("x.ciff", Ciff(records: [0, 2])).Message.ShouldContain("record 1");
    }

    [Fact]
    public void Unknown_fields_of_later_versions_are_skipped()
    {
        var header = new Header { NumDocs = 1, NumPostingsLists = 1 }.ToByteArray();
        byte[] unknown = [0xA2, 0x06, 2, 1, 2];
        byte[] list = [.. unknown, 0x0A, 1, (byte)'x', 0x22, 6, 0x08, 0, 0x10, 9, 0x78, 1];
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "x.ciff");
        File.WriteAllBytes(path, [(byte)(header.Length + unknown.Length), .. header, .. unknown, (byte)list.Length, .. list, 3, 0x12, 1, (byte)'d']);
        VectorSamples.Read(VectorFiles.Open(path)).ShouldBe([("d", "x:41100000", null)]);
    }

    [Fact]
    public void What_a_format_can_not_hold_is_refused_when_it_is_written()
    {
        using var folder = new TemporaryFolder();
        var vocabulary = Vocabulary.OfWords();
        var row = new SparseVector("1", [vocabulary.Number("a")], [0.5f]);
        Should.Throw<ArgumentException>(() => new CiffWriter(vocabulary).Add(row)).Message.ShouldContain("'a' of document '1'");
        using var csr = new CsrWriter(Path.Combine(folder.Path, "x.csr"));
        Should.Throw<ArgumentException>(() => csr.Add([1, 1], [1f, 1f]));
        Should.Throw<ArgumentException>(() => csr.Add([-1], [1f]));
        Should.Throw<ArgumentException>(() => csr.Add([1], [float.PositiveInfinity]));
    }

    [Fact]
    public void Missing_files_and_packed_csr_say_what_to_do()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<FileNotFoundException>(() => VectorFiles.Open(Path.Combine(folder.Path, "none.csr")));
        Should.Throw<FileNotFoundException>(() => VectorFiles.Open(folder.Path)).Message.ShouldContain("no .jsonl");
        ShouldRefuse("x.csr.gz", []).Message.ShouldContain("gunzip");
    }

    private static VectorFileException ShouldRefuse(string name, byte[] bytes)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, name);
        File.WriteAllBytes(path, bytes);
        var refusal = Should.Throw<VectorFileException>(() => VectorFiles.Open(path).Rows().Count());
        refusal.File.ShouldBe(path);
        refusal.Message.ShouldStartWith(path);
        return refusal;
    }

    private static byte[] Csr(long[] starts, (int Column, float Weight)[] entries)
    {
        var bytes = new List<byte>();
        bytes.AddRange(MemoryMarshal.AsBytes<long>([starts.Length - 1, 5, entries.Length, .. starts]));
        bytes.AddRange(MemoryMarshal.AsBytes<int>(entries.Select(e => e.Column).ToArray()));
        bytes.AddRange(MemoryMarshal.AsBytes<float>(entries.Select(e => e.Weight).ToArray()));
        return [.. bytes];
    }

    private static byte[] Ciff(int documents = 2, int lists = 1, string term = "t", long? frequency = null, (int Gap, int Impact)[]? postings = null, int[]? records = null)
    {
        postings ??= [(0, 5), (1, 7)];
        var list = new PostingsList { Term = term, Df = frequency ?? postings.Length };
        list.Postings.AddRange(postings.Select(p => new Posting { Docid = p.Gap, Tf = p.Impact }));
        return
        [
            .. Delimited(new Header { NumDocs = documents, NumPostingsLists = lists }),
            .. Delimited(list),
            .. (records ?? [0, 1]).SelectMany((r, i) => Delimited(new DocRecord { Docid = r, CollectionDocid = $"d{i}" })),
        ];
    }

    private static byte[] Delimited(IMessage message)
    {
        using var stream = new MemoryStream();
        message.WriteDelimitedTo(stream);
        return stream.ToArray();
    }
}
