using System.IO.Compression;
using System.Text.Json;
using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>Ids and places against the reference libraries, over 2,031 texts in 160 scripts with every kind of awkward character.</summary>
public sealed class TokenizerGoldenTests
{
    [SkippableTheory]
    [InlineData("bert-base-uncased")]
    [InlineData("bert-base-cased")]
    [InlineData("bert-base-multilingual-cased")]
    [InlineData("gpt2")]
    [InlineData("roberta-base")]
    [InlineData("xlm-roberta-base")]
    [InlineData("xlnet-base-cased")]
    public void A_folder_is_tokenized_as_its_fast_tokenizer_does(string name) =>
        Compare(TokenizerUnderTest.Open(name), SharedData.Require($"golden/tokenizers/{name}.jsonl.gz"), 2031, fast: true);

    [SkippableTheory]
    [InlineData("xlm-roberta-base", "xlm-roberta-base/sentencepiece.bpe.model")]
    [InlineData("xlnet-base-cased", "xlnet-base-cased/spiece.model")]
    [InlineData("laser-100k", "laser-100k/laser_100k.model")]
    [InlineData("sentencepiece-test-en", "sentencepiece-test/test_model.model")]
    [InlineData("sentencepiece-test-ja", "sentencepiece-test/test_ja_model.model")]
    public void A_model_alone_is_tokenized_as_SentencePiece_does(string name, string model) =>
        Compare(TokenizerUnderTest.Open(model), SharedData.Require($"golden/tokenizers/{name}.jsonl.gz"), 2031, template: name == "xlm-roberta-base");

    [SkippableTheory]
    [InlineData("laser-100k", "laser-100k/laser_100k.model")]
    [InlineData("sentencepiece-test-en", "sentencepiece-test/test_model.model")]
    [InlineData("sentencepiece-test-ja", "sentencepiece-test/test_ja_model.model")]
    public void A_model_in_a_folder_without_a_class_of_its_own_is_converted_as_its_fast_tokenizer_is(string name, string model)
    {
        using var folder = new TemporaryFolder();
        File.Copy(SharedData.Require($"tokenizers/{model}"), Path.Combine(folder.Path, "spiece.model"));
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer_config.json"), """{"tokenizer_class": "PreTrainedTokenizerFast"}""");
        Compare(Tokenizers.Open(folder.Path), SharedData.Require($"golden/tokenizers/{name}.jsonl.gz"), 2031, fast: true);
    }

    /// <summary>Ids of the library behind Hugging Face's fast tokenizers (0.23.2) for settings that the goldens leave out.</summary>
    [SkippableTheory]
    [InlineData("do_lower_case", new[] { 17, 993, 88, 17, 597, 1963, 60, 17, 12, 19923, 213, 11653, 3125, 11653, 12169, 12, 24, 18837, 3823, 4, 3512, 9, 4, 3 })]
    [InlineData("keep_accents", new[] { 17, 0, 46, 88, 17, 3648, 0, 847, 60, 17, 12, 0, 213, 11653, 3125, 11653, 12169, 12, 5685, 3823, 4, 3512, 9, 4, 3 })]
    public void Settings_of_an_XLNet_folder_change_its_clean_up(string setting, int[] ids)
    {
        using var folder = new TemporaryFolder();
        File.Copy(SharedData.Require("tokenizers/xlnet-base-cased/spiece.model"), Path.Combine(folder.Path, "spiece.model"));
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer_config.json"), $$"""{"tokenizer_class": "XLNetTokenizer", "{{setting}}": true}""");
        TokenizerUnderTest.Encode(Tokenizers.Open(folder.Path), "Être NAÏF: ``Ærøskøbing'' ＡＢＣ 1,000<sep> x.", template: true).Ids.ShouldBe(ids);
    }

    [SkippableTheory]
    [InlineData("wordpiece")]
    [InlineData("wordpiece-truncate-pad")]
    [InlineData("bytelevel-roberta")]
    [InlineData("bytelevel-prefix-space")]
    [InlineData("bytelevel-modernbert")]
    [InlineData("unigram-xlmr-layout")]
    [InlineData("unigram-metaspace-layout")]
    [InlineData("bpe-byte-fallback")]
    public void A_tokenizer_json_is_read_in_every_part(string name)
    {
        var folder = SharedData.Require($"golden/tokenizers/tiny/{name}");
        Compare(TokenizerReader.Read(new PackageFiles(folder), ""), $"{folder}/golden.jsonl.gz", 0);
    }

    /// <param name="fast">The ids and offsets of the Hugging Face conversion, where the golden has both.</param>
    private static void Compare(ITokenizer tokenizer, string golden, int texts, bool fast = false, bool template = true)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(golden), CompressionMode.Decompress));
        var different = new List<string>();
        var count = 0;
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var row = json.RootElement;
            if (row.TryGetProperty("pair", out _))
            {
                continue;
            }

            count++;
            var text = row.GetProperty("text").GetString()!;
            var (ids, offsets) = TokenizerUnderTest.Encode(tokenizer, text, template);
            int[] expected = [.. Field(row, "ids", fast).EnumerateArray().Select(i => i.GetInt32())];
            (int, int)[] places = [.. Field(row, "offsets", fast).EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32()))];
            if (!template)
            {
                // Templates are at the end here.
                expected = expected[..^(expected.Length - places.Length + Template(row))];
                places = places[..expected.Length];
            }

            if (row.TryGetProperty("attention_mask", out var mask))
            {
                // Truncated and padded by the file, which the product leaves to the caller.
                var kept = mask.EnumerateArray().Count(m => m.GetInt32() == 1);
                (expected, places) = (expected[..kept], places[..kept]);
                if (ids.Length > kept)
                {
                    (ids, offsets) = ([.. ids[..(kept - 1)], ids[^1]], [.. offsets[..(kept - 1)], offsets[^1]]);
                }
            }

            if (!ids.SequenceEqual(expected) || !offsets.SequenceEqual(places))
            {
                different.Add($"{row.GetProperty("group")} {JsonSerializer.Serialize(text)}: {string.Join(' ', ids.Zip(offsets))} for {string.Join(' ', expected.Zip(places))}");
            }
        }

        count.ShouldBeGreaterThanOrEqualTo(Math.Max(texts, 100));
        $"{different.Count} differ: {string.Join('\n', different.Take(40))}".ShouldBe("0 differ: ");
    }

    private static int Template(JsonElement row) => row.GetProperty("tokens").EnumerateArray().Reverse().TakeWhile(t => t.GetString() is "<cls>" or "<sep>").Count() is var n && n >= 2 ? 2 : 0;

    private static JsonElement Field(JsonElement row, string name, bool fast) =>
        fast && row.TryGetProperty($"hf_{name}", out var field) ? field : row.GetProperty(name);
}
