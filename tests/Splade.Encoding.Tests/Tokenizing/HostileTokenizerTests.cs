using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>Damaged and hostile tokenizer files are refused with their file named; hostile texts take no quadratic time.</summary>
public sealed class HostileTokenizerTests
{
    [Theory]
    [InlineData("{}", "[model] is missing")]
    [InlineData("""{"model": {"type": "WordLevel", "vocab": {}}}""", "The field [unk_token] is missing")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0, "b": 0}, "merges": []}}""", "id 0 of [b] twice")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 2000000000}, "merges": []}}""", "1 pieces and an id 2000000000")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}""", "id of [a] is no number from 0")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 1e99}, "merges": []}}""", "id of [a] is no number from 0")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}""", "merged piece [b] is not in the vocabulary")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}}""", "merges[0]: Expected a pair")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", 1]]}}""", "merges[0]: Expected a pair")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"\ud800": 0}, "merges": []}}""", "can't be read")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1}}""", "Dropout")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [], "unk_token": "?"}}""", "unknown token [?]")]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {"a": 0}}}""", "lacks the special token [UNK]")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": []}}""", "empty")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": [["a", 1e999]]}}""", "no finite number")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": [["a"]]}}""", "vocab[0]: Expected a pair")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 7, "vocab": [["a", 0]]}}""", "unk_id 7")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]]}, "normalizer": {"type": "Precompiled", "precompiled_charsmap": "!"}}""", "no Base64")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]]}, "normalizer": {"type": "Precompiled", "precompiled_charsmap": "/////w=="}}""", "says that 4294967295")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]]}, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated"}}""", "regular expression")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]]}, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Sideways"}}""", "[Sideways]")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]]}, "pre_tokenizer": {"type": "Syllables"}}""", "pre-tokenizer [Syllables]")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]]}, "post_processor": {"type": "BertProcessing", "cls": ["c", 5], "sep": ["s", 0]}}""", "the id 5")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]]}, "post_processor": {"type": "TemplateProcessing", "single": [], "special_tokens": {}}}""", "no sequence A")]
    [InlineData("""{"model": {"type": "Unigram", "unk_id": "a", "vocab": [["a", 0]]}}""", "unk_id: Expected an integer")]
    [InlineData("[]", "Expected a JSON object")]
    public void A_faulty_tokenizer_json_is_refused(string json, string cause)
    {
        var fault = Should.Throw<ModelPackageException>(() => TokenizerFile.Open(json));
        fault.Message.ShouldContain(cause);
        fault.File.ShouldEndWith("tokenizer.json");
    }

    [Fact]
    public void Deep_nesting_is_refused() => Should.Throw<ModelPackageException>(() => TokenizerFile.Open(
        """{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]]}, "normalizer": """
            + string.Concat(Enumerable.Repeat("""{"type": "Sequence", "normalizers": [""", 50_000))
            + string.Concat(Enumerable.Repeat("]}", 50_000)) + "}"));

    [Fact]
    public void Files_that_do_not_belong_together_are_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "vocab.json"), """{"<s>": 0, "</s>": 1, "a": 2}""");
        File.WriteAllText(Path.Combine(folder.Path, "merges.txt"), "#version: 0.2\na b\n");
        Open().Message.ShouldContain("merged piece [b]");
        File.WriteAllText(Path.Combine(folder.Path, "merges.txt"), "#version: 0.2\na b c\n");
        Open().Message.ShouldContain("line 2");
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer_config.json"), """{"tokenizer_class": "ClipTokenizer"}""");
        Open().Message.ShouldContain("[ClipTokenizer]");
        File.Delete(Path.Combine(folder.Path, "vocab.json"));
        Open().Message.ShouldContain("no tokenizer");

        ModelPackageException Open() => Should.Throw<ModelPackageException>(() => TokenizerReader.Read(new PackageFiles(folder.Path), ""));
    }

    [Theory]
    [InlineData(new byte[0], "no pieces")]
    [InlineData(new byte[] { 0x0A, 0x7F, 0x41 }, "no SentencePiece model")]
    [InlineData(new byte[] { 0x0A, 0x00 }, "piece 0 is empty")]
    [InlineData(new byte[] { 0x0A, 0x03, 0x0A, 0x01, 0x61 }, "no unknown piece")]
    [InlineData(new byte[] { 0x0A, 0x03, 0x0A, 0x01, 0x61, 0x12, 0x02, 0x18, 0x03 }, "[Word]")]
    public void A_faulty_SentencePiece_model_is_refused(byte[] bytes, string cause)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(Path.Combine(folder.Path, "spiece.model"), bytes);
        Should.Throw<ModelPackageException>(() => TokenizerReader.Read(new PackageFiles(folder.Path), "")).Message.ShouldContain(cause);
    }

    [Fact]
    public void A_SentencePiece_model_of_nothing_but_empty_pieces_is_not_taken_into_memory()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(Path.Combine(folder.Path, "spiece.model"), [.. Enumerable.Repeat(new byte[] { 0x0A, 0x00 }, 5_000_000).SelectMany(b => b)]);
        Should.Throw<ModelPackageException>(() => TokenizerReader.Read(new PackageFiles(folder.Path), "")).Message.ShouldContain("more than 4194304 pieces");
    }

    [Fact]
    public void A_pattern_that_backtracks_without_end_is_stopped()
    {
        var tokenizer = TokenizerFile.Open("""
            {"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0]]}, "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a+)+(?!x)b"}, "behavior": "Isolated"}}
            """);
        Should.Throw<TokenizationException>(() => tokenizer.Encode(new string('a', 60), [])).Message.ShouldContain("(a+)+");
    }

    [Theory]
    [InlineData("h")]
    [InlineData("hello")]
    [InlineData(" ")]
    [InlineData("<mask>")]
    [InlineData("  <mask>  ")]
    [InlineData("e\u0301")]
    [InlineData("\u0301\u0323")]
    [InlineData("\u200D")]
    [InlineData("'")]
    public void Long_runs_take_linear_time(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        string[] files =
        [
            TokenizerFile.ByteLevel(normalizer: """{"type": "NFC"}"""),
            TokenizerFile.Unigram("""{"type": "NFKD"}""", "null", """["h", -1], ["hh", -1], ["hello", -2], ["\u2581", -1]"""),
        ];
        foreach (var json in files)
        {
            var pieces = new List<PieceOccurrence>();
            TokenizerFile.Open(json).Encode(text, pieces);
            pieces.ShouldNotBeEmpty();
        }
    }
}
