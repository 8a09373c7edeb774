using System.Text.Json;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests.Models;

/// <summary>A text of a golden folder and what the reference implementation makes of it.</summary>
internal sealed record GoldenText(string Id, string Text, long[] InputIds, SparseVector Vector, SparseVector? Query, long[]? QueryInputIds, SparseVector? SpecialZeroed, LogitRow[] LogitsSample)
{
    public static GoldenText Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var json = document.RootElement;
        return new GoldenText(
            json.GetProperty("id").GetString()!,
            json.GetProperty("text").GetString()!,
            [.. json.GetProperty("input_ids").EnumerateArray().Select(i => i.GetInt64())],
            SparseVector.Parse(json.GetProperty("vector")),
            json.TryGetProperty("query_vector", out var query) ? SparseVector.Parse(query) : null,
            json.TryGetProperty("query_input_ids", out var ids) ? [.. ids.EnumerateArray().Select(i => i.GetInt64())] : null,
            json.TryGetProperty("vector_special_zeroed", out var zeroed) ? SparseVector.Parse(zeroed) : null,
            json.TryGetProperty("logits_sample", out var sample) ? ReadSample(sample) : []);
    }

    private static LogitRow[] ReadSample(JsonElement sample) => [.. sample.EnumerateArray().Select(r =>
        new LogitRow(r.GetProperty("row").GetInt32(), [.. r.GetProperty("values").EnumerateArray().Select(v => v.GetSingle())]))];
}

/// <summary>The first raw logits of a token.</summary>
internal sealed record LogitRow(int Row, float[] Values);

internal sealed record SparseVector(int[] Indices, float[] Weights)
{
    public static SparseVector Parse(JsonElement json) => new(
        [.. json.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32())],
        [.. json.GetProperty("weights").EnumerateArray().Select(w => w.GetSingle())]);

    /// <summary>Compares as dense vectors: an entry near zero may be there or not.</summary>
    /// <param name="relative">The tolerance grows with weights above 1.</param>
    public void ShouldEqual(int[] indices, float[] weights, float tolerance, bool relative, string text)
    {
        var own = indices.Zip(weights).ToDictionary(p => p.First, p => p.Second);
        var reference = Indices.Zip(Weights).ToDictionary(p => p.First, p => p.Second);
        foreach (var id in own.Keys.Union(reference.Keys))
        {
            var expected = reference.GetValueOrDefault(id);
            var allowed = relative ? tolerance * Math.Max(1, expected) : tolerance;
            own.GetValueOrDefault(id).ShouldBe(expected, allowed, $"{text}, dimension {id}");
        }
    }
}

/// <summary>A folder of ../shared/data/golden/models.</summary>
internal sealed record GoldenFolder(string Path, GoldenText[] Texts)
{
    public static GoldenFolder Require(string name)
    {
        var folder = SharedData.Require($"golden/models/{name}");
        var own = System.IO.Path.Combine(folder, "expected.jsonl");
        var expected = File.Exists(own) ? own : System.IO.Path.Combine(folder, "../expected.jsonl");
        return new GoldenFolder(folder, [.. File.ReadLines(expected).Select(GoldenText.Parse)]);
    }

    /// <summary>Ids of texts that are to be encoded together.</summary>
    public IEnumerable<string[]> Batches()
    {
        var own = System.IO.Path.Combine(Path, "batches.json");
        using var json = JsonDocument.Parse(File.ReadAllText(File.Exists(own) ? own : System.IO.Path.Combine(Path, "../batches.json")));
        return [.. json.RootElement.GetProperty("batches").EnumerateArray()
            .Select(b => b.GetProperty("ids").EnumerateArray().Select(i => i.GetString()!).ToArray())];
    }
}

/// <summary>Stands for a tokenizer where ids are given.</summary>
internal sealed class GivenIds(int vocabularySize, int paddingId) : ITokenizer
{
    public int VocabularySize => vocabularySize;

    public TokenTemplate Template => TokenTemplate.None;

    public int PaddingId => paddingId;

    public IReadOnlySet<int> SpecialIds => new HashSet<int>();

    public string Piece(int id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public void Encode(string text, List<PieceOccurrence> pieces) => throw new NotSupportedException("Ids are given.");

    public string Decode(IEnumerable<int> ids) => throw new NotSupportedException("Ids are given.");
}
