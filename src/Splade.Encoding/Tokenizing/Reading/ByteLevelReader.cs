using Splade.Encoding.Tokenizing.Decoders;
using Splade.Encoding.Tokenizing.Models;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>Byte-level BPE from vocab.json and merges.txt: GPT-2's tokenizer, and RoBERTa's with its template and trimmed places.</summary>
internal static class ByteLevelReader
{
    private static readonly string[] RobertaTokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];
    private const string EndOfText = "<|endoftext|>";

    /// <param name="merges">Text of merges.txt: one pair a line by rank.</param>
    /// <param name="roberta">RoBERTa's template and special tokens instead of GPT-2's.</param>
    /// <exception cref="ArgumentException">The files do not belong together, or a special token is missing.</exception>
    public static PipelineTokenizer Read(JsonPart vocabularyJson, string merges, bool roberta, JsonPart? config, JsonPart? special)
    {
        var vocabulary = ModelReader.ReadVocabulary(vocabularyJson);
        var model = new BpeModel(vocabulary, [.. ReadMerges(merges)], new BpeOptions());
        var added = new AddedTokenReader(vocabulary);
        added.AddConfigured(config);
        added.AddConfigured(special);
        var prefixSpace = config?.Flag("add_prefix_space") ?? false;
        var template = TokenTemplate.None;
        if (roberta)
        {
            // The class's own mask swallows white space; one that the files name as a plain string does not.
            added.AddSpecial(RobertaTokens[..^1]);
            added.AddSpecial(new AddedToken(0, RobertaTokens[^1]) { StripLeft = true });
            template = new TokenTemplate([Id("cls_token", "<s>")], [Id("sep_token", "</s>")]);
        }
        else
        {
            added.AddSpecial([EndOfText]);
            if (config?.Flag("add_bos_token") == true)
            {
                template = new TokenTemplate([Id("bos_token", EndOfText)], []);
            }
        }

        return new PipelineTokenizer(new TokenizerParts
        {
            AddedTokens = added.Tokens,
            PreTokenizers = [new ByteLevelPreTokenizer(prefixSpace, usePattern: true)],
            Vocabulary = vocabulary,
            Model = model,
            Template = template,
            Trim = roberta && config?.OptionalFlag("trim_offsets") != false ? new TrimOffsets(prefixSpace) : null,
            PaddingId = added.Find(Name("pad_token", roberta ? "<pad>" : EndOfText)) ?? 0,
            Decode = DecodeSteps.ByteLevel(),
        });

        string Name(string name, string otherwise) => AddedTokenReader.Content(config, name) ?? AddedTokenReader.Content(special, name) ?? otherwise;

        int Id(string name, string otherwise) => vocabulary.Find(Name(name, otherwise))
            ?? throw vocabularyJson.Error($"The vocabulary lacks the special token {Name(name, otherwise)}.");
    }

    private static IEnumerable<(string First, string Second)> ReadMerges(string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var pair = line.TrimEnd('\r');
            if (pair.Length == 0 || pair.StartsWith("#version", StringComparison.Ordinal))
            {
                continue;
            }

            var blank = pair.IndexOf(' ', StringComparison.Ordinal);
            if (blank <= 0 || blank == pair.Length - 1 || pair.IndexOf(' ', blank + 1) >= 0)
            {
                throw new ArgumentException($"merges.txt, line {number}: expected two pieces with one blank between, not [{pair}].", nameof(text));
            }

            yield return (pair[..blank], pair[(blank + 1)..]);
        }
    }
}
