using Splade.Encoding.Import;
using Splade.Encoding.Packages;

namespace Splade.Encoding;

/// <summary>What the files of a package say, read without loading the model.</summary>
/// <param name="Task"><c>sparse_embedding</c> or <c>text_embedding</c>.</param>
/// <param name="Queries"><c>table</c> (inference-free), <c>model</c> (that of the documents), or <c>own model</c>.</param>
/// <param name="Pooling">Of raw logits, such as <c>max, log1p(relu)</c>; null for a dense model.</param>
/// <param name="Licence">As the model card names it; null when it names none.</param>
/// <param name="Settings">What splade.json switches on, one a line.</param>
public sealed record ModelSummary(
    string Name,
    string Folder,
    string Task,
    long Bytes,
    int VocabularySize,
    int MaxTokens,
    string Queries,
    string? Pooling,
    string? Licence,
    string DocumentPrompt,
    string QueryPrompt,
    IReadOnlyList<string> Settings)
{
    /// <exception cref="ModelPackageException">The package can't be used; the message names file and cause.</exception>
    public static ModelSummary Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var package = ModelPackage.Read(folder, name);
        var pooling = package.Documents.Pooling;
        return new ModelSummary(
            name,
            package.Files.Folder,
            (package.Dense is null ? ModelTask.SparseEmbedding : ModelTask.TextEmbedding).Name(),
            Size(package.Files.Folder),
            package.Documents.Tokenizer.VocabularySize,
            package.Documents.MaxTokens,
            package.QueryTable is not null ? "table" : package.Queries is not null ? "own model" : "model",
            package.Dense is null ? $"{(pooling.Sum ? "sum" : "max")}, {(pooling.TwiceLog ? "log1p(log1p(relu))" : "log1p(relu)")}" : null,
            PackageCopy.Licence(package.Files),
            package.Prompts.Document,
            package.Prompts.Query,
            [.. Describe(package.Settings, pooling), .. package.Similarity == Similarity.Cosine ? [CosineSetting] : Array.Empty<string>()]);
    }

    /// <summary>What <see cref="Similarity.Cosine"/> means for an index.</summary>
    public const string CosineSetting = "similarity cosine: vectors are made as long as 1 when they are indexed and searched";

    /// <summary>Bytes of all files of a folder.</summary>
    public static long Size(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);

    private static IEnumerable<string> Describe(PackageSettings settings, Pooling pooling)
    {
        if (pooling.MaxActive is { } most)
        {
            yield return FormattableString.Invariant($"the {most} largest weights of every vector");
        }

        if (pooling.ZeroSpecialTokens)
        {
            yield return "special tokens weigh nothing";
        }

        if (settings.Pruning.Type != Pruning.PruneType.None)
        {
            yield return FormattableString.Invariant($"documents pruned by {settings.Pruning.TypeName} {settings.Pruning.Ratio}");
        }

        if (settings.ExpansionWeight != 1f)
        {
            yield return FormattableString.Invariant($"expansion weight {settings.ExpansionWeight}");
        }

        if (settings.QueryPruning.Type != Pruning.PruneType.None)
        {
            yield return FormattableString.Invariant($"queries pruned by {settings.QueryPruning.TypeName} {settings.QueryPruning.Ratio}");
        }

        if (settings.TermCounts)
        {
            yield return "query weights times the term's count";
        }

        if (settings.CollectionIdf)
        {
            var from = settings.CollectionIdfFrom > 0 ? FormattableString.Invariant($", counted from weight {settings.CollectionIdfFrom} on") : "";
            yield return FormattableString.Invariant($"query weights blended with the collection's idf, share {settings.CollectionIdfShare}{from}");
        }

        if (settings.Neighbours is { } neighbours)
        {
            yield return FormattableString.Invariant($"{neighbours.Count} neighbours of each query piece, weight {neighbours.Weight}");
        }

        if (settings.Pairs is { } pairs)
        {
            yield return FormattableString.Invariant($"{pairs.Count} dimensions for pairs of query pieces, share {pairs.Share}");
        }
    }
}
