using System.Text.Json;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// Inference-free queries: a table of weights (SparseStaticEmbedding, idf.json). The weight of a piece is the table's, each piece once; with term
/// counts times how often the query has it; with neighbours the nearest pieces join in. See <see cref="PackageSettings"/>.
/// </summary>
internal sealed class QuerySide
{
    private const string TableFile = "idf.json";
    private readonly float[] _weights;
    private readonly PackageSettings _settings;
    private readonly NeighbourTable? _neighbours;

    private QuerySide(float[] weights, PackageSettings settings, NeighbourTable? neighbours, int maxTokens)
    {
        _weights = weights;
        _settings = settings;
        _neighbours = neighbours;
        MaxTokens = maxTokens;
    }

    /// <summary>Longest query; the rest is cut off.</summary>
    public int MaxTokens { get; }

    /// <summary>Null when the package's queries run through the model.</summary>
    /// <param name="folder">Folder of the SparseStaticEmbedding that the router names, or null.</param>
    /// <param name="maxTokens">Longest input of the document model, special tokens included.</param>
    public static QuerySide? Read(PackageFiles files, ITokenizer tokenizer, string? folder, PackageSettings settings, int maxTokens)
    {
        string[] tables = folder is null ? [TableFile] : [PackageFiles.Join(folder, TableFile), TableFile];
        var table = tables.FirstOrDefault(files.Has);
        if (table is null)
        {
            return folder is not null
                ? throw files.Error(TableFile, $"The router names {folder} for queries, but there is no idf.json. Query weights in safetensors can't be read yet.")
                : settings is { TermCounts: false, CollectionIdf: false, Neighbours: null }
                    ? null
                    : throw files.Error(PackageSettings.File, "[term_counts], [collection_idf] and [neighbours] are settings of queries without a model, but there is no idf.json.");
        }

        // A SparseStaticEmbedding tokenizes without special tokens; beside a plain model the query is cut as the model's input is, with them.
        var max = folder is null
            ? maxTokens - tokenizer.Template.Length
            : JsonFields.Number(files.ReadObject(PackageFiles.Join(folder, "tokenizer_config.json")), "model_max_length") ?? maxTokens;
        var ids = Enumerable.Range(0, tokenizer.VocabularySize).ToDictionary(tokenizer.Piece, StringComparer.Ordinal);
        var neighbours = settings.Neighbours is { } named ? NeighbourTable.Read(files, named, ids) : null;
        return new QuerySide(ReadWeights(files, table, ids), settings, neighbours, max);
    }

    public EncodedText Encode(string text, ITokenizer tokenizer)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        var kept = Math.Min(pieces.Count, MaxTokens);
        var counts = new SortedDictionary<int, int>();
        foreach (var piece in pieces.Take(kept))
        {
            counts[piece.Id] = counts.GetValueOrDefault(piece.Id) + 1;
        }

        var weights = new SortedDictionary<int, float>();
        foreach (var (id, count) in counts)
        {
            if (_weights[id] > 0f)
            {
                weights.Add(id, _weights[id] * (_settings.TermCounts ? count : 1));
            }
        }

        _neighbours?.Expand(weights);
        return new EncodedText([.. weights.Keys], [.. weights.Values], kept, kept < pieces.Count)
        {
            ShippedIdf = _settings.CollectionIdf ? [.. weights.Keys.Select(id => _weights[id])] : null,
        };
    }

    private static float[] ReadWeights(PackageFiles files, string table, Dictionary<string, int> ids)
    {
        var weights = new float[ids.Count];
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
