using Splade.Tests;

namespace Splade.Evaluation.Tests;

public sealed class BeirFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_documents_text_is_its_title_and_its_text()
    {
        Write("corpus.jsonl", """{"_id":"1","title":"Sky","text":"is blue"}""", """{"_id":2,"title":"","text":"sea"}""", "", """{"_id":"3","text":"none","metadata":{}}""", """{"_id":"4","title":null,"text":null}""");
        new BeirFolder(_folder.Path).ReadDocuments().ShouldBe([("1", "Sky is blue"), ("2", "sea"), ("3", "none"), ("4", "")]);
    }

    [Fact]
    public void Queries_with_judgements_come_in_the_order_of_the_file()
    {
        Write("queries.jsonl", """{"_id":"b","text":"second"}""", """{"_id":"c","text":"not judged"}""", """{"_id":"a","text":"first"}""");
        Write("qrels/dev.tsv", "query-id\tcorpus-id\tscore", "a\t1\t1", "b\t2\t0");
        var folder = new BeirFolder(_folder.Path);
        folder.ReadQueries(folder.ReadJudgements("dev")).ShouldBe([("b", "second"), ("a", "first")]);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"text":"no id"}""")]
    [InlineData("""{"_id":"1"}""")]
    [InlineData("""{"_id":"1","text":5}""")]
    public void A_bad_line_is_named(string line)
    {
        Write("corpus.jsonl", """{"_id":"1","text":"good"}""", line);
        Should.Throw<FormatException>(() => new BeirFolder(_folder.Path).ReadDocuments().ToArray()).Message.ShouldContain("corpus.jsonl, line 2");
    }

    private void Write(string name, params string[] lines)
    {
        var path = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, lines);
    }
}
