using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>What each part of a tokenizer.json does to ids and places.</summary>
public sealed class TokenizerJsonTests
{
    private const string Roberta = """{"type": "RobertaProcessing", "cls": ["h", 71], "sep": ["e", 68], "trim_offsets": true, "add_prefix_space": false}""";

    [Theory]
    [InlineData("hello world", "hello 0-5|\u0120world 5-11")]
    [InlineData("hello  world", "hello 0-5|\u0120 5-6|\u0120world 6-12")] // the last blank goes with the word
    [InlineData("   ", "\u0120\u0120 0-2|\u0120 2-3")]
    [InlineData("😀", "ð 0-2|Ł 0-2|ĺ 0-2|Ģ 0-2")] // every byte has the place of the whole character
    [InlineData("hello  <mask>hello", "hello 0-5|<mask> 5-13|hello 13-18")]
    [InlineData("<mask", "< 0-1|m 1-2|a 2-3|s 3-4|k 4-5")]
    public void Byte_level_pieces_cover_the_text(string text, string expected) =>
        TokenizerFile.Pieces(TokenizerFile.Open(TokenizerFile.ByteLevel()), text).ShouldBe(expected);

    [Theory]
    [InlineData("hello world", "hello 0-5|\u0120world 6-11")]
    [InlineData("hello  <mask>", "hello 0-5|<mask> 7-13")]
    [InlineData(" ", "\u0120 1-1")]
    public void Trimmed_places_leave_spaces_out(string text, string expected) =>
        TokenizerFile.Pieces(TokenizerFile.Open(TokenizerFile.ByteLevel(Roberta)), text).ShouldBe(expected);

    [Fact]
    public void A_prefix_space_is_in_no_place_and_never_splits_a_surrogate_pair()
    {
        var json = TokenizerFile.ByteLevel(Roberta.Replace("\"add_prefix_space\": false", "\"add_prefix_space\": true", StringComparison.Ordinal), prefixSpace: true);
        var tokenizer = TokenizerFile.Open(json);
        TokenizerFile.Pieces(tokenizer, "world").ShouldBe("\u0120world 0-5");
        TokenizerFile.Pieces(tokenizer, "<mask>😀").ShouldBe("<mask> 0-6|\u0120 8-8|ð 6-8|Ł 6-8|ĺ 6-8|Ģ 6-8");
        tokenizer.Template.Prefix.ShouldBe([71]);
        tokenizer.Template.Suffix.ShouldBe([68]);
    }

    [Fact]
    public void Added_tokens_are_numbered_in_their_order_whatever_their_file_says()
    {
        // As tokenizers 0.23.2 numbers them.
        var tokenizer = TokenizerFile.Open("""
            {"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "a": 1} }, "pre_tokenizer": {"type": "WhitespaceSplit"},
             "added_tokens": [{"id": 5000, "content": "P"}, {"id": 9, "content": "q", "special": true}, {"id": 7, "content": "a"}, {"id": 3, "content": "r"}]}
            """);
        TokenizerFile.Pieces(tokenizer, "q P a r").ShouldBe("q 0-1|P 2-3|a 4-5|r 6-7");
        ((string[])["[UNK]", "a", "P", "q", "r"]).ShouldBe(Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Piece));
    }

    [Fact]
    public void Of_added_tokens_that_are_equal_when_normalized_the_first_is_found_special_ones_before_others()
    {
        var tokenizer = TokenizerFile.Open("""
            {"model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[UNK]": 0} }, "normalizer": {"type": "Lowercase"},
             "added_tokens": [{"content": "Ab"}, {"content": "aB"}, {"content": "CD"}, {"content": "Cd", "special": true, "normalized": true}]}
            """);
        TokenizerFile.Pieces(tokenizer, "abcd").ShouldBe("Ab 0-2|Cd 2-4");
    }

    [Fact]
    public void A_word_level_model_knows_whole_words()
    {
        const string Json = """
            {"model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "sky": 1, "blue": 2} }, "pre_tokenizer": {"type": "Whitespace"} }
            """;
        TokenizerFile.Pieces(TokenizerFile.Open(Json), "blue skies, sky").ShouldBe("blue 0-4|[UNK] 5-10|[UNK] 10-11|sky 12-15");
        TokenizerFile.Pieces(TokenizerFile.Open(Json.Replace("\"type\": \"WordLevel\", ", "", StringComparison.Ordinal)), "sky").ShouldBe("sky 0-3");
        var without = TokenizerFile.Open(Json.Replace("\"[UNK]\": 0, ", "", StringComparison.Ordinal).Replace("1,", "0,", StringComparison.Ordinal).Replace("2}", "1}", StringComparison.Ordinal));
        TokenizerFile.Pieces(without, "blue sky").ShouldBe("blue 0-4|sky 5-8");
        Should.Throw<TokenizationException>(() => without.Encode("red", [])).Message.ShouldContain("[red]");
    }

    [Fact]
    public void Special_tokens_that_are_written_in_a_text_are_characters_where_the_configuration_says_so()
    {
        var split = TokenizerFile.Open(TokenizerFile.ByteLevel(), ("tokenizer_config.json", """
            {"split_special_tokens": true, "added_tokens_decoder": {"267": {"content": "hello", "special": false}}}
            """));
        TokenizerFile.Pieces(split, "hello<mask>").ShouldBe("hello 0-5|< 5-6|m 6-7|a 7-8|s 8-9|k 9-10|> 10-11");
        split.SpecialIds.ShouldBe([266]);
        var whole = TokenizerFile.Open(TokenizerFile.ByteLevel(), ("tokenizer_config.json", """{"split_special_tokens": false}"""));
        TokenizerFile.Pieces(whole, "hello<mask>").ShouldBe("hello 0-5|<mask> 5-11");
    }

    [Fact]
    public void Bytes_that_stand_for_a_character_are_those_of_its_suffix_too()
    {
        var bytes = string.Join(", ", Enumerable.Range(0, 256).Select(b => $"\"<0x{b:X2}>\": {b + 3}"));
        var tokenizer = TokenizerFile.Open($$"""
            {"model": {"type": "BPE", "byte_fallback": true, "end_of_word_suffix": "</w>", "merges": [["a", "b</w>"]], "vocab": {"a": 0, "b</w>": 1, "ab</w>": 2, {{bytes}} } },
             "pre_tokenizer": {"type": "WhitespaceSplit"} }
            """);
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode("ab c aé", pieces);

        // The ids of tokenizers 0.23.2.
        pieces.Select(p => p.Id).ShouldBe([2, 102, 63, 50, 122, 65, 0, 198, 172, 63, 50, 122, 65]);
    }

    [Fact]
    public void The_configuration_wins_over_the_file()
    {
        var json = TokenizerFile.ByteLevel();
        TokenizerFile.Pieces(TokenizerFile.Open(json, ("tokenizer_config.json", """{"add_prefix_space": true}""")), "world").ShouldBe("\u0120world 0-5");
        var added = TokenizerFile.Open(json, ("tokenizer_config.json", """
            {"added_tokens_decoder": {"266": {"content": "<mask>", "lstrip": false, "special": true}, "267": {"content": "world", "single_word": true, "special": false}},
             "cls_token": "[NEW]", "pad_token": {"content": "<pad>"}}
            """));
        TokenizerFile.Pieces(added, " <mask>").ShouldBe("\u0120 0-1|<mask> 1-7");
        TokenizerFile.Pieces(added, "world worlds").ShouldBe("world 0-5|\u0120world 5-11|s 11-12");
        TokenizerFile.Pieces(added, "[NEW]").ShouldBe("[NEW] 0-5");
        added.VocabularySize.ShouldBe(270);
        added.Piece(added.PaddingId).ShouldBe("<pad>");
        added.SpecialIds.ShouldBe([266, 268, 269], ignoreOrder: true);
    }

    [Theory]
    [InlineData("""{"type": "NFC"}""", "e\u0301", "é 0-1")] // composed: the place of the first of them, as in the reference
    [InlineData("""{"type": "NFD"}""", "é", "e 0-1|\u0301 0-1")]
    [InlineData("""{"type": "NFKC"}""", "ﬁ", "f 0-1|i 0-1")]
    [InlineData("""{"type": "Lowercase"}""", "É", "é 0-1")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}]}""", "éfi", "ef 0-2|i 2-3")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "x{2,}"}, "content": "f"}""", "ixxxe", "i 0-1|f 3-4|e 4-5")]
    [InlineData("""{"type": "Replace", "pattern": {"String": "xx"}, "content": ""}""", "exxe", "e 0-1|e 3-4")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": "^"}, "content": "i"}""", "e", "i 0-0|e 0-1")]
    [InlineData("""{"type": "Replace", "pattern": {"String": ""}, "content": "i"}""", "e", "i 0-0|e 0-1|i 0-1")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": true}""", " \te ", "e 2-3")]
    [InlineData("""{"type": "Prepend", "prepend": "f"}""", "e", "f 0-1|e 0-1")]
    [InlineData("""{"type": "Nmt"}""", "e\u0001\u200Bf", "e 0-1|<unk> 2-3|f 3-4")]
    public void Normalizers_keep_the_places(string normalizer, string text, string expected) =>
        TokenizerFile.Pieces(TokenizerFile.Open(TokenizerFile.Unigram(normalizer, "null", Letters)), text).ShouldBe(expected);

    [Theory]
    [InlineData("""{"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"}""", "ef e", "\u2581e 0-1|f 1-2|\u2581e 2-4")]
    [InlineData("""{"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "never"}""", "ef e", "ef 0-2|\u2581e 2-4")]
    [InlineData("""{"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": false}""", "ef e", "ef 0-2|\u2581e 2-4")]
    [InlineData("""{"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": true}]}""", "e  e", "\u2581e 0-1|\u2581e 3-4")]
    [InlineData("""{"type": "Whitespace"}""", "e,f", "e 0-1|<unk> 1-2|f 2-3")]
    [InlineData("""{"type": "Digits", "individual_digits": true}""", "e11", "e 0-1|1 1-2|1 2-3")]
    [InlineData("""{"type": "Digits", "individual_digits": false}""", "e11", "e 0-1|11 1-3")]
    [InlineData("""{"type": "Punctuation", "behavior": "Isolated"}""", "ef,f", "ef 0-2|<unk> 2-3|f 3-4")]
    [InlineData("""{"type": "CharDelimiterSplit", "delimiter": "f"}""", "efe", "e 0-1|e 2-3")]
    [InlineData("""{"type": "FixedLength", "length": 1}""", "ef", "e 0-1|f 1-2")]
    [InlineData("""{"type": "Split", "pattern": {"String": "e"}, "behavior": "MergedWithNext", "invert": false}""", "efef", "ef 0-2|ef 2-4")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "\\p{L}"}, "behavior": "Removed", "invert": true}""", "e1f", "e 0-1|f 2-3")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "b?"}, "behavior": "Contiguous"}""", "ef", "e 0-1|f 1-2")] // empty matches part, too
    [InlineData("""{"type": "UnicodeScripts"}""", "efé1 1", "ef 0-2|é 2-3|1 3-4|<unk> 4-5|1 5-6")]
    [InlineData("""{"type": "UnicodeScripts"}""", " e中カーひ한", "e 1-2|<unk> 2-6|<unk> 6-7")] // a blank before everything is dropped; kana is Han
    [InlineData("""{"type": "Split", "pattern": {"Regex": "\\w+"}, "behavior": "Removed", "invert": true}""", "a²c a৴c Ⓐb 🄰c", "<unk> 0-3|<unk> 4-5|<unk> 6-7|<unk> 8-10|<unk> 11-14")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "\\w+|[^\\w\\s]+"}, "behavior": "Removed", "invert": true}""", "c½—½c", "<unk> 0-2|<unk> 2-4|<unk> 4-5")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "\\s+(?!\\S)|\\s+"}, "behavior": "Removed", "invert": false}""", "e 😀 f", "e 0-1|<unk> 2-4|f 5-6")]
    public void Pre_tokenizers_cut_words(string preTokenizer, string text, string expected) =>
        TokenizerFile.Pieces(TokenizerFile.Open(TokenizerFile.Unigram("null", preTokenizer, Letters)), text).ShouldBe(expected);

    [Fact]
    public void Unknown_characters_are_one_piece_or_bytes()
    {
        TokenizerFile.Pieces(TokenizerFile.Open(TokenizerFile.Unigram("null", "null", Letters)), "xyef").ShouldBe("<unk> 0-2|ef 2-4");
        var bytes = string.Join(", ", Enumerable.Range(0, 256).Select(b => $"[\"<0x{b:X2}>\", -9]"));
        TokenizerFile.Pieces(TokenizerFile.Open(TokenizerFile.Unigram("null", "null", $"{Letters}, {bytes}", "\"unk_id\": 0, \"byte_fallback\": true")), "eß")
            .ShouldBe("e 0-1|<0xC3> 1-2|<0x9F> 1-2");
    }

    [Fact]
    public void The_most_probable_cut_wins_over_the_longest_piece() =>
        TokenizerFile.Pieces(TokenizerFile.Open(TokenizerFile.Unigram("null", "null", """["a", -1], ["b", -1], ["c", -1], ["ab", -1.5], ["abc", -9]""")), "abc")
            .ShouldBe("ab 0-2|c 2-3");

    private const string Letters =
        "[\"e\", -1], [\"f\", -1], [\"é\", -1], [\"\\u0301\", -1], [\"i\", -1], [\"ef\", -1.5], [\"\\u2581e\", -1], [\"1\", -1], [\"11\", -1.5], [\"\\u2581\", -3]";
}
