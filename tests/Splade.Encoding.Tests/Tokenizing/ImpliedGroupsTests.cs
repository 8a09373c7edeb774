using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Tests.Tokenizing;

public sealed class ImpliedGroupsTests
{
    [Theory]
    [InlineData("a++b?+c*+", "(?>a+)(?>b?)(?>c*)")]
    [InlineData(@"\p{L}++\w*+\x41?+\u0041++\n++\+++", @"(?>\p{L}+)(?>\w*)(?>\x41?)(?>\u0041+)(?>\n+)(?>\++)")]
    [InlineData("[^]a[b]]++[++]", "(?>[^]a[b]]+)[++]")]
    [InlineData("(a|(?:b)++)?+", "(?>(a|(?>(?:b)+)(?!(?!)))?)")]
    [InlineData("(?<=x)(?<n>a)++(?i:b)*+", "(?<=x)(?>(?<n>a)+)(?>(?i:b)*)")]
    [InlineData("😀++", "(?>😀+)")]
    [InlineData("{++}++", "(?>{+)(?>}+)")]
    [InlineData("a{2}+", "(?:a{2})+")] // Ruby's syntax has no possessive intervals
    [InlineData("a{,2}+?", "(?:a{,2})+?")]
    [InlineData("a{1,}++", "(?>(?:a{1,})+)")]
    [InlineData("a+++", "(?>a+(?!(?!)))+")]
    [InlineData("(?>a)?b", "(?>a(?!(?!)))?b")]
    [InlineData("a(?i)b|c", "a(?i:b|c)")]
    [InlineData("(a(?i)b(?m).|[)]+)++|d", "(?>(a(?i:b(?m:.|[)]+)))+)|d")]
    [InlineData("(?=)(?-i:a|b)", "(?=)(?-i:a|b)")]
    [InlineData("(?>a)??b", "(?>a)??b")]
    [InlineData("(a)+b*?c{2,3}?[d]?$", "(a)+b*?c{2,3}?[d]?$")]
    public void They_are_written_out(string pattern, string expected) => ImpliedGroups.WriteOut(pattern).ShouldBe(expected);

    [Theory]
    [InlineData(@"(a)\1++")]
    [InlineData("(?x)a ++ # b++")]
    [InlineData("(?x-i:a)++")]
    [InlineData("a(?#b)++")]
    [InlineData(@"(?i)(a)b++\1")]
    public void Where_it_is_not_certain_what_is_repeated_they_stay(string pattern) => ImpliedGroups.WriteOut(pattern).ShouldBe(pattern);

    [Theory]
    [InlineData("a|++", "++ at character 2")]
    [InlineData("(?=a)?+", "?+ at character 5")]
    [InlineData(@"\b*+", "*+ at character 2")]
    [InlineData("a(?i)++", "++ at character 5")]
    [InlineData("a*{2}+", "{2}+ at character 2")]
    [InlineData("(?i:++)", "++ at character 4")]
    [InlineData("(++", "++ at character 1")]
    public void They_are_refused_by_name_where_they_repeat_nothing(string pattern, string said) =>
        Should.Throw<ArgumentException>(() => ImpliedGroups.WriteOut(pattern)).Message.ShouldContain(said);
}
