using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// Inference-free queries: a table of weights (SparseStaticEmbedding, idf.json). The weight of a piece is the table's, each piece once; with term
/// counts times how often the query has it; with neighbours the nearest pieces join in, with pairs what two of them are together. See <see cref="PackageSettings"/>.
/// </summary>
internal sealed class QuerySide
{
    private static readonly string[] TokenizerFiles = ["tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model"];
    private readonly float[] _weights;
    private readonly PackageSettings _settings;
    private readonly NeighbourTable? _neighbours;
    private readonly PiecePairs? _pairs;

    private QuerySide(ITokenizer tokenizer, string tableFile, float[] weights, PackageSettings settings, NeighbourTable? neighbours, PiecePairs? pairs, int maxTokens)
    {
        Tokenizer = tokenizer;
        TableFile = tableFile;
        _weights = weights;
        _settings = settings;
        _neighbours = neighbours;
        _pairs = pairs;
        MaxTokens = maxTokens;
    }

    public ITokenizer Tokenizer { get; }

    /// <summary>File of the weights, relative to the package.</summary>
    public string TableFile { get; }

    /// <summary>Longest query; the rest is cut off.</summary>
    public int MaxTokens { get; }

    /// <summary>Null when the package's queries run through the model.</summary>
    /// <param name="documents">Tokenizer of the document side; a SparseStaticEmbedding may have its own.</param>
    /// <param name="folder">Folder of the SparseStaticEmbedding that the router names, or null.</param>
    /// <param name="maxTokens">Longest input of the document model, special tokens included.</param>
    public static QuerySide? Read(PackageFiles files, ITokenizer documents, string? folder, PackageSettings settings, int maxTokens)
    {
        if (QueryTable.Find(files, folder) is not { } table)
        {
            return folder is not null
                ? throw files.Error(folder, "The router names it for queries, but it has neither model.safetensors nor idf.json.")
                : settings is { TermCounts: false, CollectionIdf: false, Neighbours: null, Pairs: null }
                    ? null
                    : throw files.Error(PackageSettings.File, "[term_counts], [collection_idf], [neighbours] and [pairs] are settings of queries without a model, but there is no idf.json.");
        }

        // A SparseStaticEmbedding tokenizes without special tokens; beside a plain model the query is cut as the model's input is, with them.
        var tokenizer = folder is not null && TokenizerFiles.Any(f => files.Has(PackageFiles.Join(folder, f))) ? TokenizerReader.Read(files, folder) : documents;
        var max = folder is null
            ? maxTokens - documents.Template.Length
            : JsonFields.Number(files.ReadObject(PackageFiles.Join(folder, "tokenizer_config.json")), "model_max_length") ?? maxTokens;
        var ids = Enumerable.Range(0, tokenizer.VocabularySize).ToDictionary(tokenizer.Piece, StringComparer.Ordinal);
        var neighbours = settings.Neighbours is { } named ? NeighbourTable.Read(files, named, ids) : null;
        var weights = QueryTable.Read(files, table, ids);
        return new QuerySide(tokenizer, table, weights, settings, neighbours, ReadPairs(files, tokenizer, weights, settings.Pairs), max);
    }

    public EncodedText Encode(string text)
    {
        var pieces = new List<PieceOccurrence>();
        Tokenizer.Encode(text, pieces);
        var kept = Math.Min(pieces.Count, MaxTokens);
        var counts = new SortedDictionary<int, float>();
        if (_pairs is not null)
        {
            _pairs.Count(pieces, kept, Add);
        }
        else
        {
            foreach (var piece in pieces.Take(kept))
            {
                Add(piece.Id, 1);
            }
        }

        var weights = new SortedDictionary<int, float>();
        foreach (var (id, count) in counts)
        {
            if (_weights[id] > 0f)
            {
                weights.Add(id, _weights[id] * count);
            }
        }

        _neighbours?.Expand(weights);
        return new EncodedText([.. weights.Keys], [.. weights.Values], kept, kept < pieces.Count)
        {
            ShippedIdf = _settings.CollectionIdf ? [.. weights.Keys.Select(id => _weights[id])] : null,
            CountedFrom = _settings.CollectionIdfFrom,
            CollectionIdfShare = _settings.CollectionIdfShare,
        };

        void Add(int id, float count)
        {
            var before = counts.GetValueOrDefault(id);
            counts[id] = _settings.TermCounts ? before + count : Math.Max(before, count);
        }
    }

    private static PiecePairs? ReadPairs(PackageFiles files, ITokenizer tokenizer, float[] weights, PairSettings? settings)
    {
        if (settings is null)
        {
            return null;
        }

        return settings.First <= tokenizer.VocabularySize - settings.Count
            ? new PiecePairs([.. Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Piece)], tokenizer.SpecialIds, id => weights[id] > 0f, settings)
            : throw files.Error(PackageSettings.File, $"[pairs] names {settings.Count} dimensions from {settings.First} on, but the vocabulary has {tokenizer.VocabularySize} pieces.");
    }
}
