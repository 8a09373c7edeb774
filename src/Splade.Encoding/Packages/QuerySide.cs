using System.Text.Json;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// Inference-free queries: a table of weights (SparseStaticEmbedding, idf.json). The weight of a piece is the table's, each piece once; with
/// term counts, a setting of splade.json, times how often the query has it.
/// </summary>
internal sealed class QuerySide
{
    private readonly ITokenizer _tokenizer;
    private readonly float[] _weights;
    private readonly bool _termCounts;
    private readonly int _maxTokens;

    private QuerySide(ITokenizer tokenizer, float[] weights, bool termCounts, int maxTokens)
    {
        _tokenizer = tokenizer;
        _maxTokens = maxTokens;
        _weights = weights;
        _termCounts = termCounts;
    }

    /// <summary>Null when the package's queries run through the model.</summary>
    /// <param name="documents">Tokenizer of the document side; a SparseStaticEmbedding may have its own.</param>
    /// <param name="folder">Folder of the SparseStaticEmbedding that the router names, or null.</param>
    /// <param name="maxTokens">Longest input of the document model, special tokens included.</param>
    public static QuerySide? Read(PackageFiles files, ITokenizer documents, string? folder, JsonElement? settings, int maxTokens)
    {
        if (QueryTable.Find(files, folder) is not { } table)
        {
            return folder is null
                ? null
                : throw files.Error(folder, "The router names it for queries, but it has neither model.safetensors nor idf.json.");
        }

        var tokenizer = folder is not null && TokenizerFiles.Any(f => files.Has(PackageFiles.Join(folder, f))) ? TokenizerReader.Read(files, folder) : documents;
        var query = settings is { } s && s.TryGetProperty("query", out var q) ? q : (JsonElement?)null;

        // A SparseStaticEmbedding tokenizes without special tokens; beside a plain model the query is cut as the model's input is, with them.
        var max = folder is null
            ? maxTokens - documents.Template.Length
            : JsonFields.Number(files.ReadObject(PackageFiles.Join(folder, "tokenizer_config.json")), "model_max_length") ?? maxTokens;
        return new QuerySide(
            tokenizer, QueryTable.Read(files, table, tokenizer), JsonFields.Flag(query, "term_counts") ?? false, max);
    }

    public EncodedText Encode(string text)
    {
        var pieces = new List<PieceOccurrence>();
        _tokenizer.Encode(text, pieces);
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

    private static readonly string[] TokenizerFiles = ["tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model"];
}
