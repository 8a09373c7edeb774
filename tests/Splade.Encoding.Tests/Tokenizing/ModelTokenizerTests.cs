using System.Text.Json;
using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>Ids and places of the model folders' texts, special literals and Unicode oddities among them.</summary>
public sealed class ModelTokenizerTests
{
    [SkippableTheory]
    [InlineData("bert-max")]
    [InlineData("bert-log1p")] // truncation and padding in tokenizer.json, which are the caller's
    [InlineData("bert-untied-oldkeys")]
    [InlineData("distilbert-f16")]
    [InlineData("roberta-sharded")]
    [InlineData("xlmr-bf16")]
    [InlineData("xlmr-small-json")]
    [InlineData("modernbert")]
    [InlineData("modernbert-oldconfig")]
    [InlineData("opensearch-doc")]
    public void Ids_and_offsets_equal_the_reference(string name)
    {
        var folder = SharedData.Require($"golden/models/{name}");
        var tokenizer = TokenizerReader.Read(new PackageFiles(folder), "");
        var texts = 0;
        foreach (var line in File.ReadLines($"{folder}/expected.jsonl"))
        {
            using var json = JsonDocument.Parse(line);
            int[] ids = [.. json.RootElement.GetProperty("input_ids").EnumerateArray().Select(i => i.GetInt32())];
            (int, int)[] offsets = [.. json.RootElement.GetProperty("offsets").EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32()))];
            var (own, places) = TokenizerUnderTest.Encode(tokenizer, json.RootElement.GetProperty("text").GetString()!, template: true);

            // The model's longest input cuts what is before the last special token.
            var suffix = tokenizer.Template.Suffix.Length;
            int[] cut = [.. own[..^suffix].Take(ids.Length - suffix), .. tokenizer.Template.Suffix];
            cut.ShouldBe(ids, json.RootElement.GetProperty("id").GetString());
            places[..^suffix].Take(ids.Length - suffix).ShouldBe(offsets[..^suffix], json.RootElement.GetProperty("id").GetString());
            texts++;
        }

        texts.ShouldBe(45);
    }
}
