using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests;

/// <summary>Ids of whole corpora against the reference's, by their hashes.</summary>
public sealed class WordPieceCorpusTests
{
    private static readonly string[] Files =
    [
        "xquad-ar/corpus.jsonl", "xquad-de/corpus.jsonl", "xquad-en/corpus.jsonl", "xquad-es/corpus.jsonl", "xquad-ru/corpus.jsonl", "xquad-zh/corpus.jsonl",
        "jaquad-ja/queries.jsonl", "splade-queries/bright-robotics.queries.jsonl", "cranfield/corpus.jsonl", "text/koziev-sentences-ru.txt.gz",
    ];

    [SkippableTheory]
    [InlineData("bert-base-uncased", true)]
    [InlineData("bert-base-cased", false)]
    [InlineData("bert-base-multilingual-cased", false)]
    public void Ids_of_corpora_equal_the_reference(string name, bool lowerCase)
    {
        using var hashes = JsonDocument.Parse(File.ReadAllText(SharedData.Require("golden/tokenizers/corpus-hashes.json")));
        var expected = hashes.RootElement.GetProperty("vocabularies").GetProperty(name);
        var vocabulary = File.ReadAllText(SharedData.Require($"tokenizers/{name}/vocab.txt")).TrimEnd('\n').Split('\n').Select(l => l.TrimEnd('\r')).ToArray();
        var tokenizer = new WordPieceTokenizer(vocabulary, new WordPieceOptions { LowerCase = lowerCase });
        foreach (var file in Files)
        {
            Hash(tokenizer, SharedData.Require(file)).ShouldBe(expected.GetProperty(file).GetProperty("sha256").GetString(), file);
        }
    }

    /// <summary>SHA-256 over the ids of each text as little-endian uint32, each text followed by FFFFFFFF.</summary>
    private static string Hash(WordPieceTokenizer tokenizer, string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var pieces = new List<PieceOccurrence>();
        foreach (var text in Texts(path))
        {
            pieces.Clear();
            tokenizer.Encode(text, pieces);
            var bytes = new byte[(pieces.Count + 1) * sizeof(uint)];
            for (var i = 0; i < pieces.Count; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), pieces[i].Id);
            }

            bytes.AsSpan(^sizeof(uint)..).Fill(0xFF);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static IEnumerable<string> Texts(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file, new UTF8Encoding(false));
        var lines = reader.ReadToEnd().Split('\n');
        if (path.Contains(".txt", StringComparison.Ordinal))
        {
            return (lines[^1].Length == 0 ? lines[..^1] : lines).Take(20_000);
        }

        return lines.Where(l => l.Length > 0).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            var text = json.RootElement.GetProperty("text").GetString()!;
            return json.RootElement.TryGetProperty("title", out var title) && title.GetString() is { Length: > 0 } t ? $"{t} {text}" : text;
        }).ToArray();
    }
}
