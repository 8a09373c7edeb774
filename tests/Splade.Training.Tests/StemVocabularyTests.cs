using Splade.Encoding;
using Splade.Encoding.Tokenizing;
using Splade.Lexical;
using Splade.Tests;
using Splade.Training.Distillation;

namespace Splade.Training.Tests;

/// <summary>The vocabulary of stems and endings, and what is counted with it.</summary>
public sealed class StemVocabularyTests : IDisposable
{
    private static readonly LexicalModelOptions Options = new() { MainClasses = 100, OtherClasses = 100, FallbackPieces = 4, KnownWords = new HashSet<string> { "zebra", "zebras" } };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Other_languages_cannot_take_the_words_of_the_main_one_apart()
    {
        var vocabulary = Learn(
            Words("en", [.. Verbs("program", "signal", "level", "travel", "model", "label", "cancel", "channel"), "systems", "system", "algorithm", "algorithms"]),
            Words("fr", ["programmer", "programmes", "programmation", "maison", "maisons"]),
            Words("ja", ["systems", "algorithms", "プログラム"]));
        var tokenizer = new WordPieceTokenizer(vocabulary.Pieces, new WordPieceOptions());
        foreach (var (word, stem) in new[] { ("programs", "program"), ("programing", "program"), ("systems", "system"), ("algorithms", "algorithm"), ("travels", "travel") })
        {
            tokenizer.Piece(First(tokenizer, word)).ShouldBe(stem, word);
            First(tokenizer, word).ShouldBeLessThan(vocabulary.MainPieces);
        }

        vocabulary.Pieces.ShouldNotContain("systems");
        vocabulary.Pieces.ShouldContain(p => p.StartsWith("maison", StringComparison.Ordinal));

        // In general use, though no text has them.
        tokenizer.Piece(First(tokenizer, "zebras")).ShouldBe("zebra");
    }

    [Fact]
    public void A_large_source_does_not_decide()
    {
        var words = new LanguageWords("en");
        words.Add(new Dictionary<string, int> { ["whale"] = 900, ["ship"] = 100 });
        words.Add(new Dictionary<string, int> { ["kernel"] = 5, ["ship"] = 5 });
        words.Counts["ship"].ShouldBe(105);
        words.Share("ship").ShouldBe(0.6, 1e-9);
        words.Share("kernel").ShouldBe(0.5, 1e-9);
        words.Share("absent").ShouldBe(0);
    }

    [Fact]
    public void A_piece_belongs_to_the_language_that_has_it_more_often()
    {
        var english = Path.Combine(_folder.Path, "en.txt");
        var german = Path.Combine(_folder.Path, "de.txt");
        File.WriteAllLines(english, Enumerable.Range(0, 60).Select(i => $"the winter was long and the garden slept under the snow {i}"));
        File.WriteAllLines(german, Enumerable.Range(0, 60).Select(i => $"der winter war lang und die katze schlief im haus {i}{(i == 7 ? " the garden" : "")}"));
        var model = new LexicalModelBuilder(Options).Learn([new TextSource("a", "en", english), new TextSource("b", "de", german)], _ => { }, default);
        var tokenizer = new WordPieceTokenizer(model.Pieces, new WordPieceOptions());
        Language("garden").ShouldBe(PieceLanguage.Main);
        Language("the").ShouldBe(PieceLanguage.Main);
        Language("katze").ShouldBe(PieceLanguage.Other);
        Language("der").ShouldBe(PieceLanguage.Other);
        Language("7").ShouldBe(PieceLanguage.None);
        model.Idf[First(tokenizer, "garden")].ShouldBeLessThan(model.Idf[First(tokenizer, "zebra")]);

        PieceLanguage Language(string word) => model.Languages[First(tokenizer, word)];
    }

    [Fact]
    public void A_model_with_pairs_is_the_same_each_time_and_finds_characters_in_their_order()
    {
        var english = Path.Combine(_folder.Path, "english.txt");
        var chinese = Path.Combine(_folder.Path, "chinese.txt");
        File.WriteAllLines(english, Enumerable.Range(0, 40).Select(i => $"the winter was long and the garden slept {i}"));
        File.WriteAllLines(chinese, Enumerable.Range(0, 40).Select(i => $"冬天很长，花园睡着了。{i}"));
        string[] folders = [.. new[] { "a", "b" }.Select(name => Path.Combine(_folder.Path, "models", name))];
        foreach (var folder in folders)
        {
            new LexicalModelBuilder(Options with { Pairs = 64 }).Build([new TextSource("a", "en", english), new TextSource("b", "zh", chinese)], folder, _ => { }, default);
        }

        foreach (var file in Directory.EnumerateFiles(folders[0], "*", SearchOption.AllDirectories))
        {
            File.ReadAllBytes(file).ShouldBe(File.ReadAllBytes(Path.Combine(folders[1], Path.GetRelativePath(folders[0], file))), file);
        }

        using var registry = new ModelRegistry(_folder.Path);
        var encoder = registry.Get("a");
        var documents = encoder.EncodeDocuments(["花园", "园花"], default);
        documents.ShouldAllBe(d => d.Indices.Length == 3);
        documents[0].Indices.Intersect(documents[1].Indices).Select(encoder.GetFeature).ShouldBe(["园", "花"], ignoreOrder: true);
        encoder.EncodeQuery("花园", default).Indices.ShouldBe(documents[0].Indices);
    }

    [Fact]
    public void What_one_source_cannot_give_the_others_do()
    {
        TeacherTexts.Share([100, 3, 100], 50).ShouldBe([23, 3, 24], ignoreOrder: true);
        TeacherTexts.Share([100, 3, 100], 50).Sum().ShouldBe(50);
        TeacherTexts.Share([2, 3], 50).ShouldBe([2, 3]);
        TeacherTexts.Share([0, 8], 4).ShouldBe([0, 4]);
    }

    private static StemVocabulary Learn(params LanguageWords[] words) => StemVocabulary.Learn(words, Options);

    private static IEnumerable<string> Verbs(params string[] stems) => stems.SelectMany(s => new[] { s, s + "s", s + "ing", s + "ed" });

    private static LanguageWords Words(string language, string[] words)
    {
        var counted = new LanguageWords(language);
        counted.Add(words.Distinct().ToDictionary(w => w, _ => 9));
        if (language == "en")
        {
            counted.Know(Options.KnownWords);
        }

        return counted;
    }

    private static int First(WordPieceTokenizer tokenizer, string word)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(word, pieces);
        return pieces[0].Id;
    }
}
