using System.Text.Json;
using Splade.Encoding.Pruning;

namespace Splade.Encoding.Packages;

/// <summary>
/// What splade.json says about encoding, none of which the published formats have a place for:
/// <code>
/// "document": {"prune_type", "prune_ratio", "expansion_weight"},
/// "query": {"prune_type", "prune_ratio", "term_counts", "collection_idf", "collection_idf_share", "collection_idf_from", "neighbours": {"file", "count", "weight"}, "pairs": {"first", "count", "share"}}
/// </code>
/// Without the file everything is off.
/// </summary>
/// <param name="Pruning">Of document vectors.</param>
/// <param name="ExpansionWeight">Factor for weights of pieces that the document does not have.</param>
/// <param name="QueryPruning">Of query vectors.</param>
/// <param name="TermCounts">Inference-free query weights are multiplied by how often the query has the piece.</param>
/// <param name="CollectionIdf">Inference-free query weights are blended with the collection's: times (idf of the collection / shipped idf) ^ <see cref="CollectionIdfShare"/>.</param>
/// <param name="CollectionIdfFrom">
/// The collection's counts are of documents in which a term has at least this weight. A model whose expansion adds many terms with small weights sets it between those and
/// the weights of a document's own terms: else a term that is often added seems common.
/// </param>
internal sealed record PackageSettings(
    PruneSettings Pruning, float ExpansionWeight, PruneSettings QueryPruning, bool TermCounts, bool CollectionIdf, float CollectionIdfFrom, NeighbourSettings? Neighbours)
{
    private const int MostTokens = 1 << 20;

    public const string File = "splade.json";

    private static readonly string[] Keys = ["description", "imported", "max_tokens", "max_active_dims", "zero_special_tokens", "document", "query"];
    private static readonly string[] DocumentKeys = ["prune_type", "prune_ratio", "expansion_weight"];
    private static readonly string[] QueryKeys = ["prune_type", "prune_ratio", "term_counts", "collection_idf", "collection_idf_share", "collection_idf_from", "neighbours", "pairs"];
    private static readonly string[] NeighbourKeys = ["file", "count", "weight"];
    private static readonly string[] PairKeys = ["first", "count", "share"];

    /// <summary>Longest input, special tokens included; null for what the other files say.</summary>
    public int? MaxTokens { get; private init; }

    /// <summary>0.5 is the geometric mean of both frequencies, 1 the collection's alone.</summary>
    public float CollectionIdfShare { get; private init; } = EncodedText.DefaultCollectionIdfShare;

    /// <summary>Dimensions for pairs of pieces, of inference-free queries; null for none.</summary>
    public PairSettings? Pairs { get; private init; }

    /// <exception cref="ModelPackageException">An unknown setting or a value that does not work.</exception>
    public static PackageSettings Read(PackageFiles files)
    {
        var root = files.ReadObject(File);
        CheckKeys(files, root, "the package", Keys);
        var document = Part(files, root, "document", DocumentKeys);
        var query = Part(files, root, "query", QueryKeys);
        var neighbours = Part(files, query, "neighbours", NeighbourKeys);
        var pairs = Part(files, query, "pairs", PairKeys);
        try
        {
            return new PackageSettings(
                ReadPruning(document),
                (float)(Number(document, "expansion_weight", 0, 100) ?? 1),
                ReadPruning(query),
                Flag(query, "term_counts"),
                Flag(query, "collection_idf"),
                (float)(Number(query, "collection_idf_from", 0, 1000) ?? 0),
                neighbours is null
                    ? null
                    : new NeighbourSettings(
                        Text(neighbours, "file") ?? "neighbours.json",
                        (int)(Number(neighbours, "count", 1, 1000) ?? 8),
                        (float)(Number(neighbours, "weight", 0, 100) ?? 0.15)))
            {
                MaxTokens = (int?)Number(root, "max_tokens", 1, MostTokens),
                CollectionIdfShare = (float)(Number(query, "collection_idf_share", 0, 1) ?? EncodedText.DefaultCollectionIdfShare),
                Pairs = pairs is null
                    ? null
                    : new PairSettings(
                        (int)(Number(pairs, "first", 0, int.MaxValue) ?? throw new FormatException("[pairs] needs [first], the id of the first dimension for pairs.")),
                        (int)(Number(pairs, "count", 1, int.MaxValue) ?? throw new FormatException("[pairs] needs [count], the number of dimensions for pairs.")),
                        (float)(Number(pairs, "share", 0, 1) ?? 1)),
            };
        }
        catch (FormatException exception)
        {
            throw files.Error(File, exception.Message);
        }
    }

    private static PruneSettings ReadPruning(JsonElement? part) =>
        PruneSettings.Parse(Text(part, "prune_type"), Number(part, "prune_ratio", 0, int.MaxValue)) ?? PruneSettings.None;

    private static JsonElement? Part(PackageFiles files, JsonElement? json, string name, string[] known)
    {
        if (json is not { } outer || !outer.TryGetProperty(name, out var part))
        {
            return null;
        }

        if (part.ValueKind != JsonValueKind.Object)
        {
            throw files.Error(File, $"[{name}] must be an object.");
        }

        CheckKeys(files, part, $"[{name}]", known);
        return part;
    }

    private static void CheckKeys(PackageFiles files, JsonElement? part, string of, string[] known)
    {
        if (part?.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => !known.Contains(n)) is { } unknown)
        {
            throw files.Error(File, $"The setting [{unknown}] of {of} is unknown: known are {string.Join(", ", known)}.");
        }
    }

    private static string? Text(JsonElement? part, string name) =>
        part is null || !part.Value.TryGetProperty(name, out var value) ? null
        : JsonFields.Text(part, name) ?? throw new FormatException($"[{name}] of [{value.GetRawText()}] must be a string.");

    private static bool Flag(JsonElement? part, string name) =>
        part is null || !part.Value.TryGetProperty(name, out var value) ? false
        : JsonFields.Flag(part, name) ?? throw new FormatException($"[{name}] of [{value.GetRawText()}] must be true or false.");

    private static double? Number(JsonElement? part, string name, double least, double most)
    {
        if (part is not { } json || !json.TryGetProperty(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"[{name}] of [{value.GetRawText()}] must be a number from {least} to {most}.");
    }
}

/// <summary>A table of pieces that mean about the same: each piece of a query brings its nearest ones.</summary>
/// <param name="File">JSON of the package: <c>{"piece": {"neighbour": cosine}}</c>.</param>
/// <param name="Count">Neighbours of one piece at most.</param>
/// <param name="Weight">A neighbour gets the piece's weight times this times the cosine.</param>
internal sealed record NeighbourSettings(string File, int Count, float Weight);
