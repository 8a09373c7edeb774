using System.Text.Json;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// Inference-free queries: a table of weights (SparseStaticEmbedding, idf.json). The weight of a piece is the table's, each piece once; with
/// term counts, a setting of splade.json, times how often the query has it.
/// </summary>
internal sealed class QuerySide
{
    private const string TableFile = "idf.json";
    private readonly float[] _weights;
    private readonly bool _termCounts;
    private readonly int _maxTokens;

    private QuerySide(float[] weights, bool termCounts, int maxTokens)
    {
        _maxTokens = maxTokens;
        _weights = weights;
        _termCounts = termCounts;
    }

    /// <summary>Null when the package's queries run through the model.</summary>
    /// <param name="folder">Folder of the SparseStaticEmbedding that the router names, or null.</param>
    /// <param name="maxTokens">Longest input of the document model, special tokens included.</param>
    public static QuerySide? Read(PackageFiles files, ITokenizer tokenizer, string? folder, JsonElement? settings, int maxTokens)
    {
        string[] tables = folder is null ? [TableFile] : [PackageFiles.Join(folder, TableFile), TableFile];
        var table = tables.FirstOrDefault(files.Has);
        if (table is null)
        {
            return folder is null
                ? null
                : throw files.Error(TableFile, $"The router names {folder} for queries, but there is no idf.json. Query weights in safetensors can't be read yet.");
        }

        var query = settings is { } s && s.TryGetProperty("query", out var q) ? q : (JsonElement?)null;

        // A SparseStaticEmbedding tokenizes without special tokens; beside a plain model the query is cut as the model's input is, with them.
        var max = folder is null
            ? maxTokens - tokenizer.Template.Length
            : JsonFields.Number(files.ReadObject(PackageFiles.Join(folder, "tokenizer_config.json")), "model_max_length") ?? maxTokens;
        return new QuerySide(
            ReadWeights(files, table, tokenizer), JsonFields.Flag(query, "term_counts") ?? false, max);
    }

    public EncodedText Encode(string text, ITokenizer tokenizer)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        var kept = Math.Min(pieces.Count, _maxTokens);
        var counts = new SortedDictionary<int, int>();
        foreach (var piece in pieces.Take(kept))
        {
            counts[piece.Id] = counts.GetValueOrDefault(piece.Id) + 1;
        }

        var weighted = counts.Where(c => _weights[c.Key] > 0f).ToArray();
        return new EncodedText(
            [.. weighted.Select(c => c.Key)],
            [.. weighted.Select(c => _weights[c.Key] * (_termCounts ? c.Value : 1))],
            kept,
            kept < pieces.Count);
    }

    private static float[] ReadWeights(PackageFiles files, string table, ITokenizer tokenizer)
    {
        var ids = Enumerable.Range(0, tokenizer.VocabularySize).ToDictionary(tokenizer.Piece, StringComparer.Ordinal);
        var weights = new float[tokenizer.VocabularySize];
        if (files.ReadObject(table) is not { } json)
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
