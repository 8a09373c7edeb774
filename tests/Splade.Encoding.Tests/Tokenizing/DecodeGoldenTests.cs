using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>
/// Texts that the goldens' ids decode to. Hashes are those of the "tokenizers" library 0.23.2 (<c>decode(ids, skip_special_tokens=true)</c>): SHA-256 over the
/// UTF-8 of each text and a byte FF.
/// </summary>
public sealed class DecodeGoldenTests
{
    [SkippableTheory]
    [InlineData("tiny/wordpiece", "1c9d90d458c95a23e6a7f2025458629f25205d5cc9b09e20eb07a0f0caefd6d2")]
    [InlineData("tiny/bytelevel-roberta", "ec8a2b3daafe7c6d0b048008e6975569ad2b81ee6742b8329f2aef1f0c44125f")]
    [InlineData("tiny/bytelevel-modernbert", "05a2bd7b119346a5834d3fca041e17bcef97d4d23ba8f735641c7a5b76e33ddf")]
    [InlineData("tiny/unigram-metaspace-layout", "f9140bd35f0c364089d8e1d3f9520640261780eb9124fc6bd472b9884f384a29")]
    [InlineData("tiny/bpe-byte-fallback", "fd0f2f725db0d18289c70b2de11955dc8b3f7ed74fc78896acfc7ec003d7bb1d")]
    [InlineData("bert-base-uncased", "8dcc335ed179a4d27a85a4b7df8b725b204fff0bdf7f546a57299a9653ca7d87")]
    [InlineData("roberta-base", "707fa25cb23c12a176a4191e786609eade8258ec8b586dde9c4e22e99f334bd6")]
    [InlineData("xlm-roberta-base", "f0bff85dff719520cd40a45fbb8868f8978f78346021f3ded08acc0b599baf7f")]
    public void Ids_are_decoded_as_the_reference_decodes_them(string name, string hash)
    {
        var tiny = name.StartsWith("tiny/", StringComparison.Ordinal);
        var tokenizer = Tokenizers.Open(SharedData.Require(tiny ? $"golden/tokenizers/{name}" : $"tokenizers/{name}"));
        var golden = SharedData.Require(tiny ? $"golden/tokenizers/{name}/golden.jsonl.gz" : $"golden/tokenizers/{name}.jsonl.gz");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(golden), CompressionMode.Decompress));
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (reader.ReadLine() is { } line)
        {
            using var row = JsonDocument.Parse(line);
            if (row.RootElement.TryGetProperty("pair", out _))
            {
                continue;
            }

            var ids = row.RootElement.TryGetProperty("hf_ids", out var fast) ? fast : row.RootElement.GetProperty("ids");
            sha.AppendData(System.Text.Encoding.UTF8.GetBytes(tokenizer.Decode(ids.EnumerateArray().Select(i => i.GetInt32()))));
            sha.AppendData([0xFF]);
        }

        Convert.ToHexStringLower(sha.GetHashAndReset()).ShouldBe(hash);
    }
}
