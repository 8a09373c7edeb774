using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Tests.Tokenizing;

public sealed class WordPieceTokenizerTests
{
    private static readonly string[] Vocabulary =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cafe", "café", "Cafe", "note", "book", "##book", "中", "文", "$", "😀", "a", "##a", "i", "İ", "ß"];

    [Theory]
    [InlineData("note\nbook", "note 0-4|book 5-9")]
    [InlineData("note\u0007book", "note 0-4|##book 5-9")] // control characters go, and the word closes over them
    [InlineData("note\u200Bbook", "note 0-4|##book 5-9")]
    [InlineData("中文", "中 0-1|文 1-2")]
    [InlineData("a😀a", "[UNK] 0-4")] // an emoji is no punctuation
    [InlineData("😀 $", "😀 0-2|$ 3-4")]
    [InlineData("CAFÉ", "cafe 0-4")]
    [InlineData("cafe\u0301 a", "cafe 0-4|a 6-7")] // a combining accent goes; the place ends before it
    [InlineData("note[SEP]book", "note 0-4|[SEP] 4-9|book 9-13")]
    [InlineData("[sep]", "[UNK] 0-1|[UNK] 1-4|[UNK] 4-5")]
    [InlineData("[MASK][MASK", "[MASK] 0-6|[UNK] 6-7|[UNK] 7-11")]
    [InlineData("\u031A\u08DDa", "[UNK] 0-3")] // the newer mark stays and comes first, with the place of the first
    [InlineData("a\u08DDa é", "[UNK] 0-3|[UNK] 4-5")]
    [InlineData("", "")]
    [InlineData(" \t\r\n\u3000", "")]
    public void Words_become_pieces_with_their_places(string text, string expected) => Pieces(text).ShouldBe(expected);

    [Fact]
    public void Lone_surrogates_are_dropped() => Pieces("note\uD83D book\uDE00").ShouldBe("note 0-4|book 6-10");

    [Fact]
    public void A_word_of_100_characters_is_cut_and_a_longer_one_is_unknown()
    {
        Pieces(new string('a', 100)).Split('|').Length.ShouldBe(100);
        Pieces(new string('a', 101)).ShouldBe("[UNK] 0-101");
    }

    [Fact]
    public void A_cased_tokenizer_keeps_case_and_accents()
    {
        var options = new WordPieceOptions { LowerCase = false };
        Pieces("Cafe café", options).ShouldBe("Cafe 0-4|café 5-9");
        Pieces("Cafe café", options with { StripAccents = true }).ShouldBe("Cafe 0-4|cafe 5-9");
        Pieces("CAFÉ", new WordPieceOptions { StripAccents = false }).ShouldBe("café 0-4");
        Pieces("中文", options with { SplitChineseCharacters = false }).ShouldBe("[UNK] 0-2");
    }

    [Fact]
    public void A_text_of_nothing_but_special_tokens_takes_linear_time()
    {
        var pieces = new List<PieceOccurrence>();
        Tokenizer(new WordPieceOptions()).Encode(string.Concat(Enumerable.Repeat("[SEP]", 400_000)), pieces);
        pieces.Count.ShouldBe(400_000);
    }

    [Fact]
    public void Bad_vocabularies_are_refused()
    {
        Should.Throw<ArgumentException>(() => new WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]"], new WordPieceOptions())).Message.ShouldContain("[SEP]");
        Should.Throw<ArgumentException>(() => new WordPieceTokenizer([.. Vocabulary, "note"], new WordPieceOptions())).Message.ShouldContain("note");
    }

    private static WordPieceTokenizer Tokenizer(WordPieceOptions options) => new(Vocabulary, options);

    private static string Pieces(string text, WordPieceOptions? options = null)
    {
        var tokenizer = Tokenizer(options ?? new WordPieceOptions());
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        return string.Join('|', pieces.Select(p => $"{tokenizer.Piece(p.Id)} {p.Start}-{p.End}"));
    }
}
