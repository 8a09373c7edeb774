using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Tests.Tokenizing;

/// <summary>Texts of a corpus file, and the hashes of golden/tokenizers/corpus-hashes.json.</summary>
internal static class CorpusTexts
{
    private const int TextLines = 20_000;

    public static string[] Read(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file, new UTF8Encoding(false));
        var lines = reader.ReadToEnd().Split('\n');
        if (path.Contains(".txt", StringComparison.Ordinal))
        {
            return [.. (lines[^1].Length == 0 ? lines[..^1] : lines).Take(TextLines)];
        }

        return [.. lines.Where(l => l.Length > 0).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            var text = json.RootElement.GetProperty("text").GetString()!;
            return json.RootElement.TryGetProperty("title", out var title) && title.GetString() is { Length: > 0 } t ? $"{t} {text}" : text;
        })];
    }

    /// <summary>SHA-256 over each text's UTF-8 and a byte FF.</summary>
    public static string HashTexts(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(text));
            hash.AppendData([0xFF]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 over the ids of each text as little-endian uint32, each text followed by FFFFFFFF.</summary>
    public static string HashIds(IEnumerable<string> texts, ITokenizer tokenizer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var pieces = new List<PieceOccurrence>();
        var bytes = Array.Empty<byte>();
        foreach (var text in texts)
        {
            pieces.Clear();
            tokenizer.Encode(text, pieces);
            var length = (pieces.Count + 1) * sizeof(uint);
            bytes = bytes.Length < length ? new byte[length * 2] : bytes;
            for (var i = 0; i < pieces.Count; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), pieces[i].Id);
            }

            bytes.AsSpan(length - sizeof(uint), sizeof(uint)).Fill(0xFF);
            hash.AppendData(bytes.AsSpan(0, length));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
