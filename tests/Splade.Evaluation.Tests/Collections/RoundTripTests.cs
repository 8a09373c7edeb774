using CsCheck;
using Splade.Evaluation.Collections;
using Splade.Evaluation.Collections.Ciff;
using Splade.Evaluation.Collections.Csr;
using Splade.Evaluation.Collections.Json;
using Splade.Tests;

namespace Splade.Evaluation.Tests.Collections;

public sealed class RoundTripTests
{
    [Theory]
    [InlineData("rows.jsonl", JsonVectorDialect.Anserini)]
    [InlineData("rows.jsonl.gz", JsonVectorDialect.Anserini)]
    [InlineData("rows.json", JsonVectorDialect.Seismic)]
    public void Json_keeps_ids_contents_tokens_and_weights(string file, JsonVectorDialect dialect) => VectorSamples.Floats.Sample(
        sample =>
        {
            using var folder = new TemporaryFolder();
            var path = Path.Combine(folder.Path, file);
            var (vocabulary, rows) = VectorSamples.ToVectors(sample);
            using (var writer = new JsonVectorWriter(path, dialect))
            {
                foreach (var row in rows)
                {
                    writer.Add(row, vocabulary);
                }
            }

            VectorSamples.Read(VectorFiles.Open(path)).ShouldBe(rows.Select(r => (r.Id, VectorSamples.Text(r, vocabulary), r.Contents)));
        },
        iter: 50);

    [Theory]
    [InlineData("index.ciff")]
    [InlineData("index.ciff.gz")]
    public void Ciff_keeps_ids_terms_and_impacts(string file) => VectorSamples.Integers.Sample(
        sample =>
        {
            using var folder = new TemporaryFolder();
            var path = Path.Combine(folder.Path, file);
            var (vocabulary, rows) = VectorSamples.ToVectors(sample);
            var writer = new CiffWriter(vocabulary, "a test");
            foreach (var row in rows)
            {
                writer.Add(row);
            }

            writer.Complete(path);
            var reader = new CiffReader(path);
            reader.Description.ShouldBe("a test");
            reader.RowCount.ShouldBe(rows.Length);
            VectorSamples.Read(reader).ShouldBe(rows.Select(r => (r.Id, VectorSamples.Text(r, vocabulary), (string?)null)));

            // A second time from the same reader.
            VectorSamples.Read(reader).Length.ShouldBe(rows.Length);
        },
        iter: 50);

    [Fact]
    public void Csr_keeps_columns_and_weights() => VectorSamples.Floats.Sample(
        sample =>
        {
            using var folder = new TemporaryFolder();
            var path = Path.Combine(folder.Path, "rows.csr");
            var (_, rows) = VectorSamples.ToVectors(sample);
            using (var writer = new CsrWriter(path))
            {
                foreach (var row in rows)
                {
                    writer.Add(row.Terms, row.Weights);
                }

                writer.Complete(columnCount: 1000);
            }

            Directory.GetFiles(folder.Path).ShouldBe([path]);
            var reader = new CsrReader(path);
            reader.ColumnCount.ShouldBe(1000);
            var numbers = Vocabulary.OfNumbers();
            VectorSamples.Read(reader).ShouldBe(rows.Select((r, i) => ($"{i}", VectorSamples.Text(r, numbers), (string?)null)));
        },
        iter: 50);

    [Fact]
    public void A_folder_is_read_file_by_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "b.jsonl"), """{"id": 7, "content": "x", "vector": {"b": 2}}""");
        File.WriteAllText(Path.Combine(folder.Path, "a.json"), "\uFEFF{\"id\":\"1\",\"contents\":null,\"vector\":{\"a\":1.5},\"other\":[{}]}\r\n\r\n{\"_id\":\"2\",\"vector\":{}}\n");
        File.WriteAllText(Path.Combine(folder.Path, "notes.txt"), "nothing");

        VectorSamples.Read(VectorFiles.Open(folder.Path)).Select(r => (r.Id, r.Vector, r.Contents))
            .ShouldBe([("1", "a:3fc00000", null), ("2", "", null), ("7", "b:40000000", "x")]);
    }

    [Fact]
    public void Content_tells_the_format_where_the_name_does_not()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "rows");
        File.WriteAllText(path, " \n{\"id\":\"1\",\"vector\":{\"a\":1}}");
        VectorFiles.Open(path).ShouldBeOfType<JsonVectorReader>().Rows().Count().ShouldBe(1);

        using (var writer = new CsrWriter(path))
        {
            writer.Add([3], [1f]);
            writer.Complete();
        }

        VectorFiles.Open(path).ShouldBeOfType<CsrReader>().Rows().Count().ShouldBe(1);

        File.WriteAllText(path, "hello");
        Should.Throw<VectorFileException>(() => VectorFiles.Open(path)).Message.ShouldContain("neither CSR");
    }

    [Fact]
    public void Real_queries_of_other_tools_read()
    {
        var reader = VectorFiles.Open(SharedData.Require("splade-queries/msmarco-dev.splade-v3.jsonl.gz"));
        var rows = reader.Rows().ToArray();
        rows.Length.ShouldBe(6980);
        rows.Average(r => r.Terms.Length).ShouldBe(24.1, 0.05);
        reader.Vocabulary.Count.ShouldBe(13_161);
    }
}
