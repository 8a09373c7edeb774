using System.IO.Compression;
using Splade.Encoding.Tokenizing;
using Splade.Tests;
using Splade.Training.Data;
using Splade.Training.Runs;
using Splade.Training.Vocabulary;

namespace Splade.Training.Tests;

public sealed class DataTests
{
    [Fact]
    public void Triplets_and_pairs_are_read_in_the_usual_formats()
    {
        using var folder = new TemporaryFolder();
        var tsv = Write(folder, "a.tsv", "q1\tp1\tn1", "", "q2\tp2", "1.5\t-0.5\tq3\tp3\tn3");
        ShouldBe(ExampleFile.Read(tsv), ("q1", "p1", ["n1"], null), ("q2", "p2", [], null), ("q3", "p3", ["n3"], [1.5f, -0.5f]));
        var json = Write(
            folder,
            "a.jsonl",
            """{"query": "q1", "positive": "p1", "negatives": ["n1", "n2"], "scores": [3, 1, 2]}""",
            """{"anchor": "q2", "pos": ["p2"], "neg": "n3"}""",
            """{"question": "q3", "answer": "p3"}""",
            """{"anchor": "q4", "positive": "p4", "negative_1": "n4", "negative_2": "n5"}""",
            """{"query": "q5", "text": "p5"}""");
        ShouldBe(
            ExampleFile.Read(json),
            ("q1", "p1", ["n1", "n2"], [3, 1, 2]), ("q2", "p2", ["n3"], null), ("q3", "p3", [], null), ("q4", "p4", ["n4", "n5"], null), ("q5", "p5", [], null));
    }

    [Fact]
    public void Json_with_several_positives_margins_or_passages_is_read_as_its_makers_mean_it()
    {
        using var folder = new TemporaryFolder();
        var json = Write(
            folder,
            "a.jsonl",
            """{"query": "q1", "pos": ["p1", "p2"], "neg": ["n1", "n2"], "pos_scores": [9, 8], "neg_scores": [1, 2]}""",
            """{"query": "q2", "positive": "p3", "negative": "n3", "label": 2.5}""",
            """{"query": "q3", "positive": "p4", "negative_1": "n4", "negative_2": "n5", "label": [1, -2]}""",
            """{"query": "q4", "positive": "p5", "negative": "n6", "score": [7, 3]}""",
            """{"query": "q5", "positive_passages": [{"docid": "1", "title": "T", "text": "p6"}], "negative_passages": [{"title": "", "text": "n7"}]}""",
            """{"query": "q6", "positive": ["p7", "p8"], "negative": "n8", "scores": [3, 2, 1]}""",
            """{"query": "q7", "text": "p9", "score": 1}""");
        ShouldBe(
            ExampleFile.Read(json),
            ("q1", "p1", ["n1", "n2"], [9, 1, 2]), ("q1", "p2", ["n1", "n2"], [8, 1, 2]), ("q2", "p3", ["n3"], [0, -2.5f]), ("q3", "p4", ["n4", "n5"], [0, -1, 2]),
            ("q4", "p5", ["n6"], [7, 3]), ("q5", "T p6", ["n7"], null), ("q6", "p7", ["n8"], [3, 1]), ("q6", "p8", ["n8"], [2, 1]), ("q7", "p9", [], null));
        ExampleFile.Read(json).Where(e => e.HasMarginsOnly).Select(e => e.Query).ShouldBe(["q2", "q3"]);
    }

    [Fact]
    public void Lists_of_ids_are_examples_of_their_collection()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "corpus.jsonl", """{"_id": "1", "text": "one"}""", """{"_id": "2", "text": "two"}""", """{"_id": "3", "text": "three"}""");
        Write(folder, "queries.jsonl", """{"_id": "7", "text": "ask"}""");
        var beir = BeirCollection.Read(folder.Path);
        var lists = Write(folder, "l.jsonl", "[7, 1, 2]", """[7, [2, 0.5], ["3", 0.25], [1, 0]]""", """{"query": "7", "positive": "1", "negatives": ["3"]}""");
        ShouldBe(
            ExampleFile.Read(lists, beir), ("ask", "one", ["two"], null), ("ask", "two", ["three", "one"], [0.5f, 0.25f, 0]), ("ask", "one", ["three"], null));
        Should.Throw<TrainingDataException>(() => ExampleFile.Read(lists).ToArray()).Message.ShouldContain("--collection");
        Should.Throw<TrainingDataException>(() => ExampleFile.Read(Write(folder, "m.jsonl", "[7, [1, 1], 2]"), beir).ToArray()).Message.ShouldContain("a score with each");
    }

    [Fact]
    public void Margins_are_no_scores()
    {
        TrainingExample[] examples = [new("q", "p", ["n"], [0, -2]) { HasMarginsOnly = true }];
        TrainingLoss.Usable(examples, new TrainOptions { Loss = LossKind.MarginMse }, out _).Count.ShouldBe(1);
        Should.Throw<TrainingDataException>(() => TrainingLoss.Usable(examples, new TrainOptions { Loss = LossKind.Mse }, out _)).Message.ShouldContain("margins");
    }

    [Theory]
    [InlineData("a.tsv", "only one", "line 1")]
    [InlineData("a.jsonl", "{\"query\": \"q\"}", "positive")]
    [InlineData("a.jsonl", "{\"query\": \"q\", \"positive\": \"p\", \"negatives\": [\"n\"], \"scores\": [1]}", "expected 2 scores")]
    [InlineData("a.jsonl", "{\"query\": \"q\", \"positive\": \"p\", \"negatives\": [\"n\"], \"label\": [1, 2, 3]}", "margin")]
    [InlineData("a.jsonl", "{\"query\": \"q\", \"positive\": \"p\", \"negatives\": [\"n\"], \"pos_scores\": 1, \"neg_scores\": []}", "neg_scores")]
    [InlineData("a.jsonl", "{\"query\": \"q\", \"positive\": [true]}", "expected texts")]
    [InlineData("a.jsonl", "[1]", "collection")]
    [InlineData("a.jsonl", "1", "JSON object")]
    [InlineData("a.jsonl", "{", "no JSON")]
    [InlineData("a.jsonl", "{\"query\": \"q\", \"positive\": \"p\", \"negatives\": [\"n\"], \"scores\": [1e400, 1]}", "too large")]
    [InlineData("a.jsonl", "{\"query\": \"q\", \"positive\": \"p\", \"negatives\": [\"n\"], \"scores\": [NaN, 1]}", "no JSON")]
    [InlineData("a.tsv", "NaN\t1\tq\tp\tn", "finite")]
    [InlineData("a.tsv", "1\t-Infinity\tq\tp\tn", "finite")]
    public void A_malformed_line_is_named(string name, string line, string expected)
    {
        using var folder = new TemporaryFolder();
        var message = Should.Throw<TrainingDataException>(() => ExampleFile.Read(Write(folder, name, line)).ToArray()).Message;
        message.ShouldContain(expected);
        message.ShouldContain(name);
    }

    [Fact]
    public void Ids_of_a_triplet_file_are_looked_up_and_teacher_scores_are_normalised()
    {
        using var folder = new TemporaryFolder();
        Write(folder, "corpus.jsonl", """{"_id": "d1", "title": "T", "text": "one"}""", """{"_id": "d2", "title": "", "text": "two"}""", """{"_id": "d3", "text": "three"}""");
        Write(folder, "queries.jsonl", """{"_id": "q1", "text": "ask"}""");
        var beir = BeirCollection.Read(folder.Path);
        ShouldBe(ExampleFile.Read(Write(folder, "ids.tsv", "q1\td1\td2"), beir), ("ask", "T one", ["two"], null));
        Should.Throw<TrainingDataException>(() => ExampleFile.Read(Write(folder, "bad.tsv", "q1\td9"), beir).ToArray()).Message.ShouldContain("no document with the id d9");

        var scores = Write(folder, "s.jsonl", """{"qid":"q1","pos":[["d1",0.9,0.0,1]],"neg":[["d2",0.5,4.0],["d3",0.1,2.0]]}""");
        var example = TeacherScoreFile.Read(scores, beir, TeacherSignal.Sum, 30).Single();
        (example.Query, example.Positive).ShouldBe(("ask", "T one"));
        example.Negatives.ShouldBe(["two", "three"]);

        // z-scores: cosines (0.9, 0.5, 0.1) are (1.2247, 0, -1.2247), bm25 (0, 4, 2) are (-1.2247, 1.2247, 0).
        example.Scores!.Select(s => Math.Round(s, 4)).ShouldBe([0, 1.2247, -1.2247]);
        TeacherScoreFile.Read(scores, beir, TeacherSignal.Cosine, 1).Single().Scores.ShouldBe([0.9f, 0.5f]);
        TeacherScoreFile.Read(scores, beir, TeacherSignal.Bm25, 2).Single().Scores.ShouldBe([0f, 4f, 2f]);
        var endless = Write(folder, "e.jsonl", """{"qid":"q1","pos":[["d1",1e39,0.0,1]],"neg":[]}""");
        Should.Throw<TrainingDataException>(() => TeacherScoreFile.Read(endless, beir, TeacherSignal.Sum, 30).ToArray()).Message.ShouldContain("line 1: the scores");
    }

    [SkippableFact]
    public void The_teacher_files_of_the_data_folder_are_read()
    {
        var file = SharedData.Require("teacher/scifact.train.jsonl.gz");
        var examples = TeacherScoreFile.Read(file, BeirCollection.Read(SharedData.Require("scifact")), TeacherSignal.Sum, 30).ToArray();
        examples.Length.ShouldBe(919);
        examples.Sum(e => e.Negatives.Count).ShouldBeGreaterThan(20_000);
    }

    [Fact]
    public void A_folder_of_texts_becomes_passages()
    {
        using var folder = new TemporaryFolder();
        var long1 = string.Join(' ', Enumerable.Range(0, 30).Select(i => $"Sentence number {i} has seven words."));
        File.WriteAllText(Path.Combine(folder.Path, "a.txt"), $"A first short\nparagraph. It goes on.\n\n{long1}");
        Directory.CreateDirectory(Path.Combine(folder.Path, "sub"));
        File.WriteAllText(Path.Combine(folder.Path, "sub", "b.md"), "Another file of some words.");
        File.WriteAllText(Path.Combine(folder.Path, "c.bin"), "not a text at all");
        using (var zipped = new GZipStream(File.Create(Path.Combine(folder.Path, "z.TXT.gz")), CompressionLevel.Fastest))
        {
            zipped.Write("A zipped text, the last."u8);
        }

        var passages = PassageReader.Read(folder.Path).ToArray();
        passages[0].ShouldStartWith("A first short paragraph. It goes on. Sentence number 0");
        passages[^2].ShouldBe("Another file of some words.");
        passages[^1].ShouldBe("A zipped text, the last.");
        passages.ShouldAllBe(p => p.Split(' ').Length <= 120);
        passages.Sum(p => p.Split(' ').Length).ShouldBe(7 + (30 * 6) + 5 + 5);
        Should.Throw<TrainingDataException>(() => PassageReader.Read(Path.Combine(folder.Path, "none.txt")).ToArray());
    }

    [Fact]
    public void What_has_no_sentence_ends_is_cut_at_lines_and_a_long_line_between_words()
    {
        using var folder = new TemporaryFolder();
        var list = Enumerable.Range(0, 60).Select(i => $"- item {i} of a list without full stops").ToArray();
        var line = string.Join(' ', Enumerable.Range(0, 300).Select(i => $"word{i}"));
        var path = Path.Combine(folder.Path, "a.md");
        File.WriteAllLines(path, ["A short", "sentence.", "", .. list, "", line]);
        var passages = PassageReader.Read(folder.Path).ToArray();
        passages[0].ShouldStartWith("A short sentence. - item 0 of a list without full stops - item 1 ");
        passages.ShouldAllBe(p => p.Split(' ', StringSplitOptions.None).Length <= 120 && !p.Contains('\n'));
        list.ShouldAllBe(item => passages.Any(p => p.Contains(item)));
        string.Join(' ', passages).ShouldBe(string.Join(' ', ["A short sentence.", .. list, line]));
    }

    [Fact]
    public void Batches_have_no_text_twice_and_follow_from_the_seed()
    {
        TrainingExample[] examples = [.. Enumerable.Range(0, 40).Select(i => new TrainingExample($"q{i / 2}", $"p{i % 30}", []))];
        var plan = new BatchPlan(examples, 6, seed: 7);
        int[][] first = [.. Enumerable.Range(0, 30).Select(s => plan.Batch(s).ToArray())];
        foreach (var batch in first)
        {
            batch.Length.ShouldBe(6);
            batch.Select(i => examples[i].Query).Distinct().Count().ShouldBe(6);
            batch.Select(i => examples[i].Positive).Distinct().Count().ShouldBe(6);
        }

        first.SelectMany(b => b).Distinct().Count().ShouldBe(40);
        new BatchPlan(examples, 6, seed: 7).Batch(29).ShouldBe(first[29]);
        plan.Batch(3).ShouldBe(first[3]);
        new BatchPlan(examples, 6, seed: 8).Batch(0).ShouldNotBe(first[0]);
        Should.Throw<TrainingDataException>(() => new BatchPlan(examples[..4], 6, 1).Batch(0));
    }

    [Fact]
    public void Bm25_finds_documents_that_share_rare_words()
    {
        var tokenizer = new WordPieceTokenizer(
            WordPieceVocabulary.Learn(WordPieceVocabulary.CountWords(TinyTexts.Passages, new WordPieceOptions()), 400), new WordPieceOptions());
        using var miner = new Bm25Miner(TinyTexts.Passages, tokenizer, CancellationToken.None);
        var found = miner.Find("the violin turns the planet", 5, _ => true);
        found.Count.ShouldBe(5);
        TinyTexts.Passages[found[0]].ShouldContain("violin");
        TinyTexts.Passages[found[0]].ShouldContain("planet");
        miner.Find("the violin turns the planet", 5, d => d != found[0]).ShouldBe(miner.Find("the violin turns the planet", 6, _ => true).Skip(1));
        miner.Find("☃", 5, _ => true).ShouldBeEmpty();
    }

    [Fact]
    public void Inverse_cloze_takes_a_sentence_out_of_its_passage()
    {
        var examples = InverseCloze.Read(TinyTexts.Passages, new Random(1)).ToArray();
        examples.Length.ShouldBe(TinyTexts.Passages.Length);
        examples.Count(e => e.Positive.Contains(e.Query, StringComparison.Ordinal)).ShouldBeInRange(1, examples.Length / 4);
        examples.ShouldAllBe(e => TinyTexts.Passages.Any(p => p.Contains(e.Query, StringComparison.Ordinal)));
    }

    private static void ShouldBe(IEnumerable<TrainingExample> actual, params (string Query, string Positive, string[] Negatives, float[]? Scores)[] expected)
    {
        var all = actual.ToArray();
        all.Select(e => (e.Query, e.Positive)).ShouldBe(expected.Select(e => (e.Query, e.Positive)));
        for (var i = 0; i < all.Length; i++)
        {
            all[i].Negatives.ShouldBe(expected[i].Negatives);
            all[i].Scores.ShouldBe(expected[i].Scores);
        }
    }

    private static string Write(TemporaryFolder folder, string name, params string[] lines)
    {
        var path = Path.Combine(folder.Path, name);
        File.WriteAllLines(path, lines);
        return path;
    }
}
