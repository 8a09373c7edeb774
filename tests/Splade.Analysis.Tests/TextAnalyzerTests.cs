namespace Splade.Analysis.Tests;

public sealed class TextAnalyzerTests
{
    [Theory]
    [InlineData("english", "The dog's RUNNING, and flies were not dying in U.S.A. 3.14", "dog run fli were dy u.s.a 3.14")]
    [InlineData("english", "don’t relational_operators conditional", "don’t relational_oper condit")]
    [InlineData("standard", "The dog's RUNNING", "the dog's running")]
    [InlineData("german", "Die Häuser der Stadt", "haus stadt")]
    [InlineData("spanish", "las canciones de los niños", "cancion niñ")]
    [InlineData("french", "les chansons de l'enfant", "chanson enfant")]
    [InlineData("russian", "красивые книги", "красив книг")]
    [InlineData("arabic", "الكتاب والكتب", "كتاب كتب")]
    [InlineData("cjk", "東京都 tower", "東京 京都 tower")]
    [InlineData("english", " \t", "")]
    public void Terms_are_those_of_Lucene(string analyzer, string text, string terms) => TextAnalyzer.Named(analyzer).Terms(text).ShouldBe(terms.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public void Every_name_makes_an_analyzer_that_can_be_used_again_and_by_several_threads()
    {
        TextAnalyzer.Names.ShouldContain("portuguese");
        foreach (var name in TextAnalyzer.Names)
        {
            var analyzer = TextAnalyzer.Named(name);
            analyzer.Name.ShouldBe(name);
            var first = analyzer.Terms("retrieval 東京都");
            first.ShouldNotBeEmpty();
            Enumerable.Range(0, 64).AsParallel().Select(_ => analyzer.Terms("retrieval 東京都")).ShouldAllBe(t => t.SequenceEqual(first));
        }
    }

    [Fact]
    public void A_name_that_is_not_known_is_refused_with_those_that_are() =>
        Should.Throw<ArgumentException>(() => TextAnalyzer.Named("English")).Message.ShouldContain("expected one of arabic, cjk, dutch, english");
}
