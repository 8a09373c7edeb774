using System.Text.Json;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>
/// Ids of whole corpora against the reference's, by their hashes. Here a few files a vocabulary; all of them with
/// <c>SPLADE_ALL_CORPORA=1 dotnet test tests/Splade.Encoding.Tests --filter TokenizerCorpusTests</c> (a few minutes).
/// </summary>
public sealed class TokenizerCorpusTests
{
    private static readonly string[] Few =
    [
        "xquad-ar/corpus.jsonl", "xquad-de/queries.jsonl", "xquad-en/queries.jsonl", "xquad-es/queries.jsonl", "xquad-ru/corpus.jsonl", "xquad-zh/corpus.jsonl",
        "splade-queries/bright-robotics.queries.jsonl", "npl/queries.jsonl", "cranfield/corpus.jsonl", "jaquad-ja/queries.jsonl",
    ];

    private static bool All => Environment.GetEnvironmentVariable("SPLADE_ALL_CORPORA") == "1";

    [SkippableTheory]
    [InlineData("bert-base-uncased")]
    [InlineData("bert-base-cased")]
    [InlineData("bert-base-multilingual-cased")]
    [InlineData("gpt2")]
    [InlineData("roberta-base")]
    [InlineData("xlm-roberta-base")]
    [InlineData("xlnet-base-cased")]
    public void A_folder_is_tokenized_as_its_fast_tokenizer_does(string name) => Compare(TokenizerUnderTest.Open(name), name, fast: true);

    [SkippableTheory]
    [InlineData("xlm-roberta-base", "xlm-roberta-base/sentencepiece.bpe.model")]
    [InlineData("xlnet-base-cased", "xlnet-base-cased/spiece.model")]
    [InlineData("laser-100k", "laser-100k/laser_100k.model")]
    [InlineData("sentencepiece-test-en", "sentencepiece-test/test_model.model")]
    [InlineData("sentencepiece-test-ja", "sentencepiece-test/test_ja_model.model")]
    public void A_model_alone_is_tokenized_as_SentencePiece_does(string name, string model) => Compare(TokenizerUnderTest.Open(model), name, fast: false);

    private static void Compare(ITokenizer tokenizer, string name, bool fast)
    {
        using var hashes = JsonDocument.Parse(File.ReadAllText(SharedData.Require("golden/tokenizers/corpus-hashes.json")));
        var files = hashes.RootElement.GetProperty("files");
        var expected = hashes.RootElement.GetProperty("vocabularies").GetProperty(name);
        var different = new List<string>();
        foreach (var file in All ? [.. expected.EnumerateObject().Select(f => f.Name)] : Few)
        {
            var texts = CorpusTexts.Read(SharedData.Require(file));
            CorpusTexts.HashTexts(texts).ShouldBe(files.GetProperty(file).GetProperty("text_sha256").GetString(), file);
            var row = expected.GetProperty(file);
            if (fast && row.TryGetProperty("hf", out var conversion) && conversion.ValueKind == JsonValueKind.Object)
            {
                row = conversion;
            }

            if (CorpusTexts.HashIds(texts, tokenizer) != row.GetProperty("sha256").GetString())
            {
                different.Add(file);
            }
        }

        different.ShouldBeEmpty();
    }
}
