using System.Text.Json;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// Inference-free queries: a table of weights (SparseStaticEmbedding, idf.json). The weight of a piece is the table's, each piece once; with
/// term counts, a setting of splade.json, times how often the query has it.
/// </summary>
internal sealed class QuerySide
{
    private readonly float[] _weights;
    private readonly bool _termCounts;

    private QuerySide(float[] weights, bool termCounts)
    {
        _weights = weights;
        _termCounts = termCounts;
    }

    /// <summary>Null when the package's queries run through the model.</summary>
    public static QuerySide? Read(PackageFiles files, ITokenizer tokenizer, JsonElement? settings)
    {
        string? table = null;
        if (files.ReadJson("router_config.json") is { } router
            && router.TryGetProperty("types", out var types) && types.ValueKind == JsonValueKind.Object)
        {
            var module = types.EnumerateObject()
                .FirstOrDefault(t => t.Value.ValueKind == JsonValueKind.String && t.Value.GetString()!.EndsWith("SparseStaticEmbedding", StringComparison.Ordinal));
            if (module.Value.ValueKind == JsonValueKind.String)
            {
                table = new[] { $"{module.Name}/idf.json", "idf.json" }.FirstOrDefault(files.Has)
                    ?? throw files.Error("idf.json", $"The router names {module.Name} for queries, but there is no idf.json. Query weights in safetensors can't be read yet.");
            }
        }

        table ??= files.Has("idf.json") ? "idf.json" : null;
        if (table is null)
        {
            return null;
        }

        var termCounts = settings is { ValueKind: JsonValueKind.Object } s && s.TryGetProperty("query", out var query)
            && query.TryGetProperty("term_counts", out var counts) && counts.ValueKind == JsonValueKind.True;
        return new QuerySide(ReadWeights(files, table, tokenizer), termCounts);
    }

    public EncodedText Encode(string text, ITokenizer tokenizer)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        var counts = new SortedDictionary<int, int>();
        foreach (var piece in pieces)
        {
            counts[piece.Id] = counts.GetValueOrDefault(piece.Id) + 1;
        }

        var weighted = counts.Where(c => _weights[c.Key] > 0f).ToArray();
        return new EncodedText(
            [.. weighted.Select(c => c.Key)], [.. weighted.Select(c => _weights[c.Key] * (_termCounts ? c.Value : 1))], pieces.Count, false);
    }

    private static float[] ReadWeights(PackageFiles files, string table, ITokenizer tokenizer)
    {
        var ids = Enumerable.Range(0, tokenizer.VocabularySize).ToDictionary(tokenizer.Piece, StringComparer.Ordinal);
        var weights = new float[tokenizer.VocabularySize];
        if (files.ReadJson(table) is not { ValueKind: JsonValueKind.Object } json)
        {
            throw files.Error(table, "Expected an object of token and weight.");
        }

        foreach (var entry in json.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !float.IsFinite(entry.Value.GetSingle()))
            {
                throw files.Error(table, $"The weight of [{entry.Name}] is no finite number.");
            }

            if (ids.TryGetValue(entry.Name, out var id))
            {
                weights[id] = entry.Value.GetSingle();
            }
        }

        return weights;
    }
}
