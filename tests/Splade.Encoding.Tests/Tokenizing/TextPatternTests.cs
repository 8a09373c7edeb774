using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>Expected matches by the rules of Oniguruma: word characters are letters, marks, decimal digits, letter numbers, connectors and some symbols.</summary>
public sealed class TextPatternTests
{
    [Theory]
    [InlineData(@"\bcat\b", "cat cats cat.", new[] { "cat", "cat" })]
    [InlineData(@"\bn", "n\u0303n n", new[] { "n", "n" })]
    [InlineData(@"\Ba", "a ba", new[] { "a" })]
    [InlineData(@"\bx", "\u2160x x", new[] { "x" })]
    [InlineData(@"[\W_]+", "a_b -c", new[] { "_", " -" })]
    [InlineData(@"[^\W\d]+", "ab12 c\u0301", new[] { "ab", "c\u0301" })]
    [InlineData(@"[^\W]+", "ab -c", new[] { "ab", "c" })]
    [InlineData(@"[\W]", "a-", new[] { "-" })]
    [InlineData(@"[]a]+", "a]b", new[] { "a]" })]
    [InlineData(@"[\]\[]", "a[b]", new[] { "[", "]" })]
    [InlineData(@" ?[^(\s|[.,!?…。，、।۔،])]+", "Ein Satz, 漢字。 (b|c)", new[] { "Ein", " Satz", " 漢字", "b", "c" })] // BLOOM's
    [InlineData("[[a-b][c[x-z]]d]+", "ab-cyd]", new[] { "ab", "cyd" })]
    [InlineData("[^[a-b]c]+", "a[b-cd]", new[] { "[", "-", "d]" })]
    [InlineData("^a", "a\na", new[] { "a", "a" })]
    [InlineData("^", "a\na\n", new[] { "", "" })] // no line starts at the end
    [InlineData("b?", "abb", new[] { "", "b", "b" })] // none right behind another
    [InlineData("xa{,2}y", "xy xay xaay xaaay", new[] { "xy", "xay", "xaay" })]
    [InlineData("a{,b}", "a{,b}", new[] { "a{,b}" })]
    [InlineData("(?m:a.)b|c.", "a\nbc\n", new[] { "a\nb" })]
    [InlineData("(?im-x)A.", "a\nb", new[] { "a\n" })]
    [InlineData("a(?i)b|c", "ab C aB c aC", new[] { "ab", "aB", "aC" })]
    [InlineData("(?:x|a(?i)b|c)d", "abd Cd aBd acd xd", new[] { "abd", "aBd", "acd", "xd" })]
    [InlineData("(?i)a(?-i)b|c", "Ab AB ac AC", new[] { "Ab", "ac" })]
    [InlineData("(m?)(?:m)", "mmm", new[] { "mm", "m" })]
    [InlineData("a?[^ac]+", "xacbcy", new[] { "x", "b", "y" })]
    [InlineData(@"\s(?:(?<=\r)A?)+?b?", "x\rAb \rb\r A\rAAb", new[] { "\rAb", "\rb", "\r", "\rA" })]
    [InlineData("(?:a*)+?b*|c*", "9aaaccbb", new[] { "", "aaa", "", "bb" })]
    [InlineData("(?:a?)+?c*|\n*", "aacc\n", new[] { "a", "acc", "" })]
    [InlineData("(?:(?=a)a??)+?b|c", "aab c ab", new[] { "aab", "c", "ab" })]
    [InlineData("a$", "a\nba", new[] { "a", "a" })]
    [InlineData(@"\w+", "😀𝒳x", new[] { "𝒳x" })]
    public void Words_have_the_meaning_of_the_reference(string pattern, string text, string[] expected)
    {
        using var matches = TextPattern.Expression(pattern).Matches(text);
        matches.Ranges.Select(m => text[m.Start..m.End]).ShouldBe(expected);
    }

    [Theory]
    [InlineData(@"\p{Han}+", "漢字かな𠀀々x", new[] { "漢字", "𠀀々" })]
    [InlineData(@"\p{^Han}+", "漢a😀b字", new[] { "a😀b" })]
    [InlineData(@"\P{han}", "漢a", new[] { "a" })]
    [InlineData(@"\P{^Han}", "漢a", new[] { "漢" })]
    [InlineData(@"\p{Script=Han}+|\p{sc=Latin}+", "漢ab1", new[] { "漢", "ab" })]
    [InlineData(@"[\p{Han}\p{N}]+", "漢1٣字ab", new[] { "漢1٣字" })]
    [InlineData(@"[^\p{Han}\p{N}]+", "漢1ab字𠀀c", new[] { "ab", "c" })]
    [InlineData(@"[\p{^Han}a]+", "漢ab字", new[] { "ab" })]
    [InlineData(@"[\p{Ogham}-z]+", "\u1680-z+", new[] { "\u1680-z" })]
    [InlineData(@"[a\-\p{Han}]+", "a-漢b", new[] { "a-漢" })]
    [InlineData(@"[\W\p{Han}]+", "漢-a", new[] { "漢-" })]
    [InlineData(@"[^\W\p{Han}]+", "漢ab-", new[] { "ab" })]
    [InlineData(@"\p{Hiragana}+|\p{Katakana}+", "かなカナ𛀀𛀁", new[] { "かな", "カナ𛀀", "𛀁" })]
    [InlineData(@"\p{Latin}+", "aé𝐀b𝼀", new[] { "aé", "b𝼀" })] // the bold letter is of no script
    [InlineData(@"\p{Common}+", "a𝐀😀b", new[] { "𝐀😀" })]
    [InlineData(@"\p{Cyrillic}+|\p{Hangul}+|\p{Thai}+|\p{Arabic}+", "яб한글ไทยعر", new[] { "яб", "한글", "ไทย", "عر" })]
    [InlineData(@"\p{old_ITALIC}+", "𐌀𐌁𐌰a\uFFDC", new[] { "𐌀𐌁" })]
    [InlineData(@"\p{Gothic}\p{L}", "𐌰ￜ𐌱𐌲", new[] { "𐌰ￜ", "𐌱𐌲" })] // beyond the basic plane only
    [InlineData(@"\p{Letter}+|\p{^lu}", "aB1", new[] { "aB", "1" })]
    [InlineData(@"\\p{Han}?", "\\p{Han}", new[] { "\\p{Han}" })] // an escaped backslash
    public void Scripts_are_those_of_the_reference(string pattern, string text, string[] expected)
    {
        using var matches = TextPattern.Expression(pattern).Matches(text);
        matches.Ranges.Select(m => text[m.Start..m.End]).ShouldBe(expected);
    }

    /// <summary>Expected: what version 0.22.2 of Hugging Face's library matches. The first two are tiktoken's of cl100k_base, older and newer.</summary>
    [Theory]
    [InlineData(
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
        "I'll go's 12345,  foo!!\r\n  bar",
        new[] { "I", "'ll", " go", "'s", " ", "123", "45", ",", " ", " foo", "!!\r\n", " ", " bar" })]
    [InlineData(
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
        "Hello World's 12345,  foo!!\r\n  bar \n",
        new[] { "Hello", " World", "'s", " ", "12345", ",", " ", " foo", "!!\r\n", " ", " bar", " \n" })]
    [InlineData("a++ab|b", "aaabab", new[] { "b", "b" })]
    [InlineData("a?+a", "aab", new[] { "aa" })]
    [InlineData("[[ab]c]++c|d", "abccd", new[] { "d" })]
    [InlineData("(?:ab|a)?+b", "abb ab b", new[] { "abb", "b", "b" })]
    [InlineData(@"\p{Han}++漢|x", "漢字漢x", new[] { "x" })]
    [InlineData("😀++😀|a", "😀😀a", new[] { "a" })]
    [InlineData("a{1,2}+a", "aaaaa", new[] { "aaaaa" })]
    [InlineData("a{2}++a", "aaaaa", new[] { "aaaaa" })]
    [InlineData("a{1,2}+?a", "aaaa", new[] { "aaa" })]
    [InlineData("a+++a|b", "aab", new[] { "b" })]
    [InlineData("a++?ab", "aab", new[] { "ab" })]
    [InlineData("(?:a?+)+ab", "aab", new[] { "aab" })]
    [InlineData("(?>a+)?ab", "aab", new[] { "ab" })]
    public void Possessive_quantifiers_keep_what_they_took(string pattern, string text, string[] expected)
    {
        using var matches = TextPattern.Expression(pattern).Matches(text);
        matches.Ranges.Select(m => text[m.Start..m.End]).ShouldBe(expected);
    }

    /// <summary>Characters beyond the basic plane are in a set only if it names them, whatever is matched for them.</summary>
    [Theory]
    [InlineData("[一-龥]", "a𦨹龥𠀀", new[] { "龥" })]
    [InlineData("[一-龥\u3040-ゟ゠-ヿ]+", "漢かナ𠀀𛀀字", new[] { "漢かナ", "字" })]
    [InlineData("[^一-龥]+", "漢𠀀b字", new[] { "𠀀b" })]
    [InlineData("[\u0080-\uFFFF]+", "aé𠀀ꀀ😀☀b", new[] { "é", "ꀀ", "☀" })]
    [InlineData("[^\u0080-\uFFFF]+", "aé𠀀ꀀ😀☀b", new[] { "a", "𠀀", "😀", "b" })]
    [InlineData(@"[\u0080-\uFFFF]+", "aé𠀀ꀀb", new[] { "é", "ꀀ" })]
    [InlineData("[😀-🙏]+", "a😀😁🚀☀", new[] { "😀😁" })]
    [InlineData("[^😀-🙏]+", "a😀😁🚀☀", new[] { "a", "🚀☀" })]
    [InlineData("[\U00010000-\U0010FFFF]+", "a😀𠀀é☀ꀀ", new[] { "😀𠀀" })]
    [InlineData("😀+", "😀😀☀😁", new[] { "😀😀" })]
    [InlineData("☀", "😀☀", new[] { "☀" })]
    [InlineData("[☀+-]+|[ꀀ^-a]+", "😀☀-+,ꀀ^`𠀀", new[] { "☀-+", "ꀀ^`" })]
    [InlineData(@"\p{Han}[ꀀ-ꒌ]", "𠀀ꀀ𠀀𠀀𠀀ꒌ", new[] { "𠀀ꀀ", "𠀀ꒌ" })]
    [InlineData("\\p{L}+|\\p{P}|\\p{Sk}", "𦨹a\U00010EAD🏻", new[] { "𦨹a", "\U00010EAD", "🏻" })]
    [InlineData(@"[]-a]+|[\t-\r\x41-C0-]+", "]^`a-0\n\vB", new[] { "]^`a", "-0\n\vB" })]
    public void Sets_are_of_code_points(string pattern, string text, string[] expected)
    {
        using var matches = TextPattern.Expression(pattern).Matches(text);
        matches.Ranges.Select(m => text[m.Start..m.End]).ShouldBe(expected);
    }

    [Theory]
    [InlineData(@"\p{Hen}", "Hen")]
    [InlineData(@"[\p{^Hen}]", "Hen")]
    [InlineData(@"\p{Script=Hen}", "Hen")]
    [InlineData(@"[a-\p{Han}]", "hyphen")]
    public void A_property_that_is_not_known_is_refused_by_name(string pattern, string said) =>
        Should.Throw<ArgumentException>(() => TextPattern.Expression(pattern)).Message.ShouldContain(said);

    [Theory]
    [InlineData("[[:alpha:]]", "brackets in brackets")]
    [InlineData("[a-z&&[^x]]", "&&")]
    [InlineData("[a[^b]]", "negated")]
    [InlineData("a{2}?", "{2}?")]
    [InlineData("[a-[b]]", "hyphen")]
    [InlineData("[[a]-z]", "hyphen")]
    [InlineData("[a[b]", "not closed")]
    [InlineData("[abc", "not closed")]
    [InlineData("[z-a]", "z-a")]
    [InlineData("[龥-一]", "龥-一")]
    [InlineData(@"\h", "\\h")]
    [InlineData(@"(a)\1++", "++")]
    [InlineData("a|++", "++")]
    [InlineData("[a]++[龥-一]", "at character 6")] // as written
    [InlineData(@"a|\Ga", "\\G at character 2")]
    public void What_dotnet_would_take_for_something_else_is_refused(string pattern, string said) =>
        Should.Throw<ArgumentException>(() => TextPattern.Expression(pattern)).Message.ShouldContain(said);

    [Theory]
    [InlineData("(?<=[а-я]{3})(?:ями|[аеи])(?![а-я])", true)]
    [InlineData("(?<![\u0621-\u064a])(?:ال(?=[\u0621-\u064a]{2})|و)", true)]
    [InlineData("[a-z]+x{2,3}", true)]
    [InlineData("(a|)", false)] // may take nothing
    [InlineData("(?=a)", false)]
    [InlineData("a{0,2}", false)]
    [InlineData("a?", false)]
    [InlineData("a*", false)]
    [InlineData("|a", false)]
    [InlineData("", false)]
    [InlineData("a-b", false)] // a boundary
    [InlineData("[a-я]", false)]
    [InlineData("[々-龥]", false)]
    [InlineData("[^a]", false)]
    [InlineData("a$", false)]
    [InlineData("^a", false)]
    [InlineData("a.", false)]
    [InlineData("\\w+", false)]
    [InlineData("(?i)a", false)]
    [InlineData("(?<name>a)", false)]
    [InlineData("(?>a)", false)]
    [InlineData("(a", false)]
    [InlineData("a)b", false)]
    [InlineData("a b", false)]
    public void A_pattern_that_sees_no_boundary_is_known(string pattern, bool expected) => WordBoundaries.StaysInWords(pattern).ShouldBe(expected);
}
