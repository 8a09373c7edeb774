using CsCheck;
using Splade.Encoding.Tokenizing;
using Splade.Encoding.Tokenizing.Models;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>What must hold of any text.</summary>
public sealed class TokenizerPropertyTests
{
    private const string Roberta = """{"type": "RobertaProcessing", "cls": ["h", 71], "sep": ["e", 68], "trim_offsets": true, "add_prefix_space": true}""";

    /// <summary>Letters of vocabularies, white space, marks, CJK, right-to-left, joiners, controls, astral characters, lone surrogates, special tokens.</summary>
    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.OneOfConst("hello", " world", "wor", "<mask>", " ", "  ", "\r\n", "\t", "'s", "12", "...", "\u0301", "\u0323\u0301", "\u200D", "\uFE0F", "😀", "👩‍👩‍👧", "中文", "العربية",
            "\u202E", "\u0000", "\u0085", "\uD83D", "\uDE00", "é", "ﬃ", "각", "\u1100\u1161\u11A8", "\u2581", "𝒳", "\uFDFA", "\uFFFD"),
        Gen.Char.Select(c => c.ToString())).Array[0, 20].Select(string.Concat);

    public static TheoryData<string> Tokenizers => new()
    {
        TokenizerFile.ByteLevel(),
        TokenizerFile.ByteLevel(Roberta, prefixSpace: true),
        TokenizerFile.ByteLevel(normalizer: """{"type": "NFC"}"""),
        TokenizerFile.ByteLevel(normalizer: """{"type": "NFKD"}"""),
        TokenizerFile.Unigram(
            """{"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}, {"type": "Strip"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]}""",
            """{"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"}""",
            """["hello", -3], ["\u2581", -2], ["\u2581world", -4], ["h", -5], ["e", -5], ["l", -5], ["o", -5]"""),
        """
        {"normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"},
         "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "hello": 1, "wor": 2, "##ld": 3, "中": 4, ".": 5, "e": 6}}}
        """,
    };

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Places_ascend_and_lie_between_characters_of_the_text(string json)
    {
        var tokenizer = TokenizerFile.Open(json);
        Texts.Sample(text =>
        {
            var pieces = new List<PieceOccurrence>();
            tokenizer.Encode(text, pieces);
            var before = 0;
            foreach (var piece in pieces)
            {
                piece.Id.ShouldBeInRange(0, tokenizer.VocabularySize - 1);
                piece.End.ShouldBeGreaterThanOrEqualTo(piece.Start);
                piece.End.ShouldBeLessThanOrEqualTo(text.Length);
                IsInsidePair(text, piece.Start).ShouldBeFalse();
                IsInsidePair(text, piece.End).ShouldBeFalse();
                piece.End.ShouldBeGreaterThanOrEqualTo(before);
                before = piece.End;
            }
        });
    }

    [Theory]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"}]}""")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "BertNormalizer"}, {"type": "Replace", "pattern": {"Regex": "(?<=[а-я]{2})(?:ами|и)(?![а-я])"}, "content": ""}, {"type": "Replace", "pattern": {"String": "ж"}, "content": "- ="}]}""")]
    [InlineData("""{"type": "BertNormalizer", "handle_chinese_chars": false, "lowercase": false}""")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "BertNormalizer", "clean_text": false}, {"type": "Nmt"}]}""")]
    public void Word_by_word_gives_what_the_whole_text_gives(string normalizer)
    {
        var json = $$"""
            {"normalizer": {{normalizer}}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "BertPreTokenizer"}, {"type": "Split", "pattern": {"Regex": "[ぁ-ん]"}, "behavior": "Isolated"}]},
             "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "hello": 1, "wor": 2, "##ld": 3, "中": 4, ".": 5, "e": 6, "##e": 7, "か": 8, "が": 9, "книг": 10, "≠": 11, "=": 12, "-": 13, "<": 14, "文": 15} },
             "added_tokens": [{"content": "\u1234\u1235", "normalized": false, "special": true}]}
            """;
        var byWord = TokenizerFile.Open(json);

        // A token that is looked for in the normalized text needs the whole of it.
        var whole = TokenizerFile.Open(json.Replace("\"normalized\": false", "\"normalized\": true", StringComparison.Ordinal));
        var texts = Gen.OneOf(
            Texts,
            Gen.OneOfConst("=", "<", "\u0338", "\u0323", "\u3099", "か", "中", "文", "、", "。", "！", "・", "книгами", "книжжи", "-", "e", " ", "ﬁ", "\u1100", "\u1161", "˝", "゛").Array[0, 12].Select(string.Concat));
        texts.Sample(text => TokenizerFile.Pieces(byWord, text).ShouldBe(TokenizerFile.Pieces(whole, text)), iter: 3000, threads: 1);
    }

    [Fact]
    public void Byte_level_pieces_spell_the_text()
    {
        var tokenizer = TokenizerFile.Open(TokenizerFile.ByteLevel());
        Texts.Where(t => !t.Contains("<mask>", StringComparison.Ordinal)).Sample(text =>
        {
            var pieces = new List<PieceOccurrence>();
            tokenizer.Encode(text, pieces);
            byte[] bytes = [.. pieces.SelectMany(p => tokenizer.Piece(p.Id)).Select(c => (byte)ByteCharacters.ByteOf(c))];
            bytes.ShouldBe(System.Text.Encoding.UTF8.GetBytes(text));
        });
    }

    [Fact]
    public void Merges_equal_the_plain_algorithm()
    {
        Gen.Select(Gen.Char['a', 'c'].Array[1, 40], Gen.Select(Gen.Int[0, 99], Gen.Int[0, 99]).Array[0, 12]).Sample((letters, picks) =>
        {
            List<string> pieces = ["a", "b", "c"];
            var merges = new List<(string First, string Second)>();
            foreach (var (first, second) in picks)
            {
                var merge = (First: pieces[first % pieces.Count], Second: pieces[second % pieces.Count]);
                if (!merges.Contains(merge))
                {
                    merges.Add(merge);
                    pieces.Add(merge.First + merge.Second);
                }
            }

            pieces = [.. pieces.Distinct()];
            var vocabulary = new Vocabulary([.. pieces.Select((p, id) => (p, id))]);
            var text = new NormalizedText();
            text.Load(letters, 0, letters.Length);
            var result = new List<PieceOccurrence>();
            new BpeModel(vocabulary, merges, new BpeOptions()).Encode(text, 0, text.Length, result);
            result.Select(p => pieces[p.Id]).ShouldBe(MergePlainly(letters, merges));
            result.Select(p => new string(letters[p.Start..p.End])).ShouldBe(result.Select(p => pieces[p.Id]));
        });
    }

    [Fact]
    public void The_best_cut_equals_a_search_of_all_cuts()
    {
        Gen.Select(Gen.Char['a', 'c'].Array[1, 12], Gen.Select(Gen.Char['a', 'c'].Array[1, 4].Select(c => new string(c)), Gen.Int[-40, -1]).Array[1, 10]).Sample((letters, scored) =>
        {
            var pieces = scored.DistinctBy(p => p.Item1).Select((p, i) => (Text: p.Item1, Id: i + 1, Score: (double)p.Item2)).ToArray();
            double[] scores = [0, .. pieces.Select(p => p.Score)];
            var lattice = new UnigramLattice([.. pieces.Select(p => (p.Text, p.Id))], scores, scores.Min(), 0, single: false);
            var text = new string(letters);
            var cut = new List<PieceOccurrence>();
            lattice.Cut(text, cut);
            string.Concat(cut.Select(p => text[p.Start..p.End])).ShouldBe(text);
            cut.Sum(p => p.Id == 0 ? scores.Min() - 10 : scores[p.Id]).ShouldBe(Best(text, pieces, scores.Min() - 10), 1e-9);
        });
    }

    private static bool IsInsidePair(string text, int place) =>
        place > 0 && place < text.Length && char.IsHighSurrogate(text[place - 1]) && char.IsLowSurrogate(text[place]);

    private static List<string> MergePlainly(char[] letters, List<(string First, string Second)> merges)
    {
        List<string> symbols = [.. letters.Select(c => c.ToString())];
        while (true)
        {
            var best = Enumerable.Range(0, Math.Max(0, symbols.Count - 1)).Select(i => (Rank: merges.IndexOf((symbols[i], symbols[i + 1])), Place: i))
                .Where(m => m.Rank >= 0).DefaultIfEmpty((Rank: -1, Place: -1)).Min();
            if (best.Rank < 0)
            {
                return symbols;
            }

            symbols[best.Place] += symbols[best.Place + 1];
            symbols.RemoveAt(best.Place + 1);
        }
    }

    private static double Best(string text, (string Text, int Id, double Score)[] pieces, double unknown) => text.Length == 0 ? 0 : pieces
        .Where(p => text.StartsWith(p.Text, StringComparison.Ordinal)).Select(p => p.Score + Best(text[p.Text.Length..], pieces, unknown))
        .Concat(pieces.Any(p => p.Text == text[..1]) ? [] : [unknown + Best(text[1..], pieces, unknown)])
        .Max();
}
