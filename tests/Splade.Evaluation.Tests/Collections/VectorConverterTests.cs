using System.Text.Json;
using CsCheck;
using Splade.Evaluation.Collections;
using Splade.Evaluation.Collections.Csr;
using Splade.Evaluation.Collections.Json;
using Splade.Tests;

namespace Splade.Evaluation.Tests.Collections;

public sealed class VectorConverterTests
{
    [Theory]
    [InlineData(VectorFormat.Ciff)]
    [InlineData(VectorFormat.Seismic)]
    [InlineData(VectorFormat.Anserini)]
    public void Ids_names_and_weights_come_through(VectorFormat format) => VectorSamples.Integers.Sample(
        sample =>
        {
            using var folder = new TemporaryFolder();
            var source = Write(sample, folder.Path, "docs.jsonl");
            var written = VectorConverter.Convert([source], format, Path.Combine(folder.Path, "out")).ShouldHaveSingleItem();
            VectorSamples.Read(VectorFiles.Open(written)).Select(r => (r.Id, r.Vector)).ShouldBe(VectorSamples.Read(source).Select(r => (r.Id, r.Vector)));
        },
        iter: 30);

    [Fact]
    public void Documents_and_queries_share_the_columns_of_csr() => Gen.Select(VectorSamples.Floats, VectorSamples.Floats).Sample(
        (documents, queries) =>
        {
            using var folder = new TemporaryFolder();
            VectorReader[] sources = [Write(documents, folder.Path, "docs.jsonl"), Write(queries, folder.Path, "queries.jsonl.gz")];
            var written = VectorConverter.Convert(sources, VectorFormat.Csr, Path.Combine(folder.Path, "out"));
            written.Select(Path.GetFileName).ShouldBe(["docs.csr", "queries.csr"]);

            var names = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(folder.Path, "out", VectorConverter.TermsFile)))!;
            names.ShouldBeUnique();
            foreach (var (source, path) in sources.Zip(written))
            {
                VectorFiles.Open(path).Rows().Select(row => Named(row, names)).ShouldBe(source.Rows().Select(row => VectorSamples.Text(row, source.Vocabulary)));
            }

            // Back again, columns stay what they are.
            var back = VectorConverter.Convert([VectorFiles.Open(written[0])], VectorFormat.Anserini, Path.Combine(folder.Path, "back"));
            var again = VectorConverter.Convert([VectorFiles.Open(written[0])], VectorFormat.Csr, Path.Combine(folder.Path, "again"));
            VectorSamples.Read(VectorFiles.Open(back[0])).Select(r => r.Vector).ShouldBe(VectorSamples.Read(VectorFiles.Open(written[0])).Select(r => r.Vector));
            VectorSamples.Read(VectorFiles.Open(again[0])).ShouldBe(VectorSamples.Read(VectorFiles.Open(written[0])));
        },
        iter: 30);

    [Fact]
    public void Weights_become_integers_where_asked_for()
    {
        using var folder = new TemporaryFolder();
        var source = Write([[("a", 1.234f), ("b", 0.001f)]], folder.Path, "docs.jsonl");
        Should.Throw<ArgumentException>(() => VectorConverter.Convert([source], VectorFormat.Ciff, Path.Combine(folder.Path, "out"))).Message.ShouldContain("'a' of document 'id-0'");
        var written = VectorConverter.Convert([source], VectorFormat.Ciff, Path.Combine(folder.Path, "out"), scale: 100);
        VectorFiles.Open(written[0]).Rows().Single().Weights.ShouldBe([123f, 1f], ignoreOrder: true);
    }

    [Theory]
    [InlineData(VectorFormat.Csr)]
    [InlineData(VectorFormat.Ciff)]
    [InlineData(VectorFormat.Seismic)]
    [InlineData(VectorFormat.Anserini)]
    public void Names_of_columns_come_back(VectorFormat format) => VectorSamples.Integers.Sample(
        sample =>
        {
            using var folder = new TemporaryFolder();
            var source = Write(sample, folder.Path, "docs.jsonl");
            var vectors = VectorSamples.Read(source).Select(r => r.Vector).ToArray();
            var path = VectorConverter.Convert([source], VectorFormat.Csr, Path.Combine(folder.Path, "csr"))[0];
            var other = VectorConverter.Convert([VectorFiles.Open(path, columnNames: true)], format, Path.Combine(folder.Path, "other"))[0];
            VectorSamples.Read(VectorFiles.Open(other, columnNames: true)).Select(r => r.Vector).ShouldBe(vectors);
            var back = VectorConverter.Convert([VectorFiles.Open(other, columnNames: true)], VectorFormat.Csr, Path.Combine(folder.Path, "back"))[0];
            VectorSamples.Read(VectorFiles.Open(back, columnNames: true)).Select(r => r.Vector).ShouldBe(vectors);
            if (format == VectorFormat.Csr)
            {
                File.ReadAllBytes(back).ShouldBe(File.ReadAllBytes(path));
                File.ReadAllText(Names(back)).ShouldBe(File.ReadAllText(Names(path)));
            }
        },
        iter: 20);

    [Theory]
    [InlineData("""["a"]""")]
    [InlineData("""["a","a"]""")]
    [InlineData("""["a",""]""")]
    [InlineData("""["a",null]""")]
    [InlineData("""{"a":1}""")]
    [InlineData("nonsense")]
    public void What_does_not_name_every_column_names_none(string names)
    {
        using var folder = new TemporaryFolder();
        var path = Csr(folder.Path, "rows.csr", 1, declared: 2).Path;
        File.WriteAllText(Names(path), names);
        VectorSamples.Read(VectorFiles.Open(path, columnNames: true)).ShouldBe([("0", "1:3f800000", null)]);
        File.WriteAllText(Names(path), """["a","b","c"]""");
        VectorSamples.Read(VectorFiles.Open(path, columnNames: true)).ShouldBe([("0", "b:3f800000", null)]);
        VectorSamples.Read(VectorFiles.Open(path)).ShouldBe([("0", "1:3f800000", null)]);
    }

    [Fact]
    public void Names_stay_with_their_columns()
    {
        using var folder = new TemporaryFolder();
        var output = Path.Combine(folder.Path, "out");
        var words = Write([[("a", 1f)]], folder.Path, "words.jsonl");
        var other = Write([[("b", 1f)]], folder.Path, "other.jsonl");
        var numbers = Csr(folder.Path, "numbers.csr", 1, declared: 2);
        var named = VectorConverter.Convert([words], VectorFormat.Csr, output)[0];
        VectorConverter.Convert([words], VectorFormat.Csr, output).ShouldBe([named]);
        Should.Throw<ArgumentException>(() => VectorConverter.Convert([other], VectorFormat.Csr, output)).Message.ShouldContain("another folder");
        Should.Throw<ArgumentException>(() => VectorConverter.Convert([numbers], VectorFormat.Csr, output)).Message.ShouldContain("another folder");
        Should.Throw<ArgumentException>(() => VectorConverter.Convert([VectorFiles.Open(named, columnNames: true), numbers], VectorFormat.Ciff, output))
            .Message.ShouldContain("beside both or neither");
        VectorSamples.Read(VectorFiles.Open(named, columnNames: true)).ShouldBe([("0", "a:3f800000", null)]);
    }

    [Fact]
    public void A_file_in_place_of_the_folder_is_refused()
    {
        using var folder = new TemporaryFolder();
        var source = Write([[("a", 1f)]], folder.Path, "docs.jsonl");
        Should.Throw<ArgumentException>(() => VectorConverter.Convert([source], VectorFormat.Ciff, source.Path)).Message.ShouldContain("a folder is needed");
    }

    [Fact]
    public void Ciff_takes_no_weight_that_is_not_read_again()
    {
        using var folder = new TemporaryFolder();
        var output = Path.Combine(folder.Path, "out");
        var largest = Write([[("a", 16_777_216f)]], folder.Path, "largest.jsonl");
        VectorFiles.Open(VectorConverter.Convert([largest], VectorFormat.Ciff, output)[0]).Rows().Single().Weights.ShouldBe([16_777_216f]);

        var beyond = Write([[("a", 1f)], [("b", 16_777_218f)]], folder.Path, "beyond.jsonl");
        var refusal = Should.Throw<ArgumentException>(() => VectorConverter.Convert([beyond], VectorFormat.Ciff, output)).Message;
        refusal.ShouldContain("'b' of document 'id-1' has the weight 16777218");
        refusal.ShouldContain("--scale");
    }

    [Fact]
    public void Large_column_numbers_cost_no_memory()
    {
        using var folder = new TemporaryFolder();
        var source = Csr(folder.Path, "few.csr", int.MaxValue - 1, declared: 0);
        var before = GC.GetTotalAllocatedBytes();
        var written = VectorConverter.Convert([source], VectorFormat.Ciff, Path.Combine(folder.Path, "out"));
        VectorSamples.Read(VectorFiles.Open(written[0])).ShouldBe([("0", "2147483646:3f800000", null)]);
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(50_000_000);
    }

    [Fact]
    public void No_file_is_written_over_one_that_is_read_or_over_another()
    {
        using var folder = new TemporaryFolder();
        var source = Write([[("a", 1f)]], folder.Path, "docs.jsonl");
        var other = Write([[("a", 1f)]], Directory.CreateDirectory(Path.Combine(folder.Path, "other")).FullName, "docs.json");
        Should.Throw<ArgumentException>(() => VectorConverter.Convert([source], VectorFormat.Seismic, folder.Path)).Message.ShouldContain("another folder");
        Should.Throw<ArgumentException>(() => VectorConverter.Convert([source, other], VectorFormat.Csr, folder.Path)).Message.ShouldContain("docs.csr");
        source.Rows().Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(VectorFormat.Csr)]
    [InlineData(VectorFormat.Ciff)]
    [InlineData(VectorFormat.Anserini)]
    public void What_fails_leaves_the_files_that_were_there(VectorFormat format)
    {
        using var folder = new TemporaryFolder();
        var output = Path.Combine(folder.Path, "out");
        var first = Write([[("a", 1f)]], folder.Path, "first.jsonl");
        var second = Write([[("a", 1f)], [("b", 2f)]], folder.Path, "second.jsonl");
        VectorConverter.Convert([first, second], format, output);
        var before = Directory.GetFiles(output).Order(StringComparer.Ordinal).Select(f => (f, Convert.ToHexString(File.ReadAllBytes(f)))).ToArray();

        File.WriteAllLines(first.Path, ["""{"id":"x","vector":{"c":3}}"""]);
        File.WriteAllLines(second.Path, ["""{"id":"x","vector":{"c":3}}""", "nonsense"]);
        Should.Throw<VectorFileException>(() => VectorConverter.Convert([first, second], format, output)).Line.ShouldBe(2);
        Directory.GetFiles(output).Order(StringComparer.Ordinal).Select(f => (f, Convert.ToHexString(File.ReadAllBytes(f)))).ShouldBe(before);
    }

    [Fact]
    public void What_fails_leaves_no_folder_that_was_not_there()
    {
        using var folder = new TemporaryFolder();
        var source = Write([[("a", 1.5f)]], folder.Path, "docs.jsonl");
        var above = Directory.CreateDirectory(Path.Combine(folder.Path, "above")).FullName;
        Should.Throw<ArgumentException>(() => VectorConverter.Convert([source], VectorFormat.Ciff, Path.Combine(above, "new", "out/")));
        Directory.EnumerateFileSystemEntries(above).ShouldBeEmpty();
        VectorConverter.Convert([source], VectorFormat.Csr, Path.Combine(above, "new", "out/")).ShouldAllBe(f => File.Exists(f));
    }

    [Fact]
    public void Csr_files_of_one_conversion_have_the_same_number_of_columns()
    {
        using var folder = new TemporaryFolder();
        VectorReader[] words = [Write([[("a", 1f)]], folder.Path, "docs.jsonl"), Write([[("b", 1f), ("c", 2f)]], folder.Path, "queries.jsonl")];
        var written = VectorConverter.Convert(words, VectorFormat.Csr, Path.Combine(folder.Path, "words"));
        written.ShouldAllBe(p => new CsrReader(p).ColumnCount == 3);

        VectorReader[] numbers = [Csr(folder.Path, "docs.csr", 4, declared: 40), Csr(folder.Path, "queries.csr", 9, declared: 50)];
        VectorConverter.Convert(numbers, VectorFormat.Csr, Path.Combine(folder.Path, "numbers")).ShouldAllBe(p => new CsrReader(p).ColumnCount == 50);
    }

    private static string Names(string csr) => Path.Combine(Path.GetDirectoryName(csr)!, VectorConverter.TermsFile);

    private static CsrReader Csr(string folder, string name, int column, int declared)
    {
        var path = Path.Combine(folder, name);
        using (var writer = new CsrWriter(path))
        {
            writer.Add([column], [1f]);
            writer.Complete(declared);
        }

        return new CsrReader(path);
    }

    private static VectorReader Write((string Word, float Weight)[][] sample, string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var (vocabulary, rows) = VectorSamples.ToVectors(sample);
        using (var writer = new JsonVectorWriter(path, JsonVectorDialect.Anserini))
        {
            foreach (var row in rows)
            {
                writer.Add(row, vocabulary);
            }
        }

        return VectorFiles.Open(path);
    }

    private static string Named(SparseVector row, string[] names) => string.Join(' ', row.Terms
        .Select((t, i) => (Name: names[t], Weight: row.Weights[i]))
        .OrderBy(f => f.Name, StringComparer.Ordinal)
        .Select(f => $"{f.Name}:{BitConverter.SingleToInt32Bits(f.Weight):x}"));
}
