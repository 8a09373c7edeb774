using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Splade.Benchmarks.Commands;

/// <summary>Microsoft.ML.Tokenizers' own tokenizer of a folder or .model, set up as its documentation says is nearest to the reference.</summary>
internal static partial class MicrosoftTokenizers
{
    private const string Fairseq = "sentencepiece.bpe.model";

    /// <summary>Ids of a text without the template. Null: the library has no reader for such a tokenizer (tokenizer.json).</summary>
    public static Func<string, IEnumerable<int>>? Open(string path)
    {
        if (File.Exists(Path.Combine(path, "vocab.txt")))
        {
            var config = Path.Combine(path, "tokenizer_config.json");
            var lower = !File.Exists(config) || !LowerCaseOff().IsMatch(File.ReadAllText(config));
            var bert = BertTokenizer.Create(
                Path.Combine(path, "vocab.txt"),
                new BertOptions { LowerCaseBeforeTokenization = lower, RemoveNonSpacingMarks = lower, SplitOnSpecialTokens = true });
            return text => bert.EncodeToIds(text, addSpecialTokens: false);
        }

        if (File.Exists(Path.Combine(path, "merges.txt")))
        {
            var options = new BpeOptions(Path.Combine(path, "vocab.json"), Path.Combine(path, "merges.txt")) { ByteLevel = true };
            string[] names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>"];
            options.SpecialTokens = options.Vocabulary.Where(p => names.Contains(p.Key)).ToDictionary(p => p.Key, p => p.Value);
            options.PreTokenizer = new RegexPreTokenizer(ByteLevelWords(), options.SpecialTokens);
            var bpe = BpeTokenizer.Create(options);
            return text => bpe.EncodeToIds(text);
        }

        var model = Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.model").FirstOrDefault() : path.EndsWith(".model", StringComparison.Ordinal) ? path : null;
        if (model is null)
        {
            return null;
        }

        using var file = File.OpenRead(model);
        var unigram = SentencePieceTokenizer.Create(file, addBeginningOfSentence: false, addEndOfSentence: false);
        return Path.GetFileName(model) == Fairseq
            ? text => unigram.EncodeToIds(text).Select(id => id == unigram.UnknownId ? 3 : id + 1)
            : text => unigram.EncodeToIds(text);
    }

    [GeneratedRegex("\"do_lower_case\"\\s*:\\s*false")]
    private static partial Regex LowerCaseOff();

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex ByteLevelWords();
}
