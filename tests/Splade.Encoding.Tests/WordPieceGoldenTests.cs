using System.IO.Compression;
using System.Text.Json;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests;

/// <summary>Ids and places against Hugging Face's fast tokenizer, over texts of 160 scripts.</summary>
public sealed class WordPieceGoldenTests
{
    [SkippableTheory]
    [InlineData("bert-base-uncased", true)]
    [InlineData("bert-base-cased", false)]
    [InlineData("bert-base-multilingual-cased", false)]
    public void Ids_and_offsets_equal_the_reference(string name, bool lowerCase)
    {
        var golden = SharedData.Require($"golden/tokenizers/{name}.jsonl.gz");
        var vocabulary = File.ReadAllText(SharedData.Require($"tokenizers/{name}/vocab.txt")).TrimEnd('\n').Split('\n').Select(l => l.TrimEnd('\r')).ToArray();
        var tokenizer = new WordPieceTokenizer(vocabulary, new WordPieceOptions { LowerCase = lowerCase });
        using var reader = new StreamReader(new GZipStream(File.OpenRead(golden), CompressionMode.Decompress));
        var different = new List<(string Group, string Text)>();
        var texts = 0;
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var text = json.RootElement.GetProperty("text").GetString()!;
            var pieces = new List<PieceOccurrence>();
            tokenizer.Encode(text, pieces);
            int[] ids = [.. tokenizer.Template.Prefix, .. pieces.Select(p => p.Id), .. tokenizer.Template.Suffix];
            var codePoints = CodePointOffsets(text);
            (int, int)[] offsets = [(0, 0), .. pieces.Select(p => (codePoints[p.Start], codePoints[p.End])), (0, 0)];
            texts++;
            if (!ids.SequenceEqual(json.RootElement.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32()))
                || !offsets.SequenceEqual(json.RootElement.GetProperty("offsets").EnumerateArray().Select(o => (o[0].GetInt32(), o[1].GetInt32()))))
            {
                different.Add((json.RootElement.GetProperty("group").GetString()!, text));
            }
        }

        texts.ShouldBeGreaterThan(2000);
        different.ShouldBeEmpty();
    }

    private static int[] CodePointOffsets(string text)
    {
        var offsets = new int[text.Length + 1];
        for (int unit = 0, point = 0; unit < text.Length; unit++)
        {
            offsets[unit] = point;
            point += char.IsHighSurrogate(text[unit]) && unit + 1 < text.Length && char.IsLowSurrogate(text[unit + 1]) ? 0 : 1;
            offsets[unit + 1] = point;
        }

        return offsets;
    }
}
