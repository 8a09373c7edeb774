using System.Globalization;
using System.Security.Cryptography;
using Splade.Encoding.Pruning;

namespace Splade.Encoding.Packages;

/// <summary>
/// The identity of a package's content, as 32 hexadecimal digits: 16 of its vector space (weights, vocabularies and what a package does to documents), 16 of
/// all other files (settings of queries, tables of query weights, model card). Vectors of equal vector spaces can be compared.
/// </summary>
public static class ModelFingerprint
{
    private const int HalfDigits = 16;

    /// <summary>The part that changes when vectors can't be compared any more.</summary>
    public static string VectorSpaceOf(string fingerprint)
    {
        ArgumentNullException.ThrowIfNull(fingerprint);
        return fingerprint.Length < HalfDigits ? fingerprint : fingerprint[..HalfDigits];
    }

    /// <summary>SHA-256 over names and contents, so that two nodes can tell whether they have the same model.</summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    internal static string Of(ModelPackage package)
    {
        using var space = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var rest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = GraphOrigin.Files(package.Files).ToArray();
        var graphs = GraphOrigin.Read(package.Files).Where(g => g.Built == GraphOrigin.HashOf(files.Where(f => g.Has(f.Name)))).ToArray();
        foreach (var (name, content) in files)
        {
            var hash = !graphs.Any(g => g.Has(name)) && MakesVectors(Path.GetFileName(name), isImported: graphs.Length > 0) ? space : rest;
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(content);
        }

        foreach (var part in graphs.Select(g => g.Folder + g.Weights).Concat(DocumentSettings(package)))
        {
            space.AppendData(System.Text.Encoding.UTF8.GetBytes(part));
        }

        return Convert.ToHexStringLower(space.GetHashAndReset())[..HalfDigits] + Convert.ToHexStringLower(rest.GetHashAndReset())[..HalfDigits];
    }

    /// <summary>Names, sizes and times of all files: cheap to compare with what they were. Null where there is no package.</summary>
    internal static string? Stamp(string? folder)
    {
        try
        {
            return folder is null || !Directory.Exists(folder)
                ? null
                : string.Join('|', new PackageFiles(folder).All().Order(StringComparer.Ordinal).Select(f => new FileInfo(f))
                    .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.FullName}:{f.Length}:{f.LastWriteTimeUtc.Ticks}:{f.CreationTimeUtc.Ticks}")));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is being replaced or removed at this moment.
            return null;
        }
    }

    /// <summary>
    /// What the settings files do to the vectors of documents, and to what their products mean. Not how much of a text is read, and not what is done to
    /// queries alone: that may be tuned while an index is in use. What is as it is without a setting adds nothing.
    /// </summary>
    private static IEnumerable<string> DocumentSettings(ModelPackage package)
    {
        var (pooling, settings) = (package.Documents.Pooling, package.Settings);
        (string Name, object? Value)[] all =
        [
            ("similarity", package.Similarity == Similarity.Dot ? null : package.Similarity),
            ("prompt", package.Prompts.Document.Length == 0 ? null : package.Prompts.Document),
            ("lower", package.Documents.Tokenizer is LowerCasingTokenizer ? true : null),
            ("dense", package.Dense?.Mode),
            ("normalize", package.Dense?.Normalize),
            ("sum", pooling.Sum ? true : null),
            ("log1p", pooling.TwiceLog ? true : null),
            ("zero_special_tokens", pooling.ZeroSpecialTokens ? true : null),
            ("max_active_dims", pooling.MaxActive),
            ("prune_type", settings.Pruning == PruneSettings.None ? null : settings.Pruning.Type),
            ("prune_ratio", settings.Pruning == PruneSettings.None ? null : settings.Pruning.Ratio),
            ("expansion_weight", settings.ExpansionWeight == 1 ? null : settings.ExpansionWeight),
        ];
        return all.Where(s => s.Value is not null).Select(s => string.Create(CultureInfo.InvariantCulture, $"\n{s.Name}={s.Value}"));
    }

    /// <param name="isImported">It has a note of its weights. Packages without one are known by fewer files, as they were before there were notes.</param>
    private static bool MakesVectors(string name, bool isImported) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".json" => name is "tokenizer.json" or "vocab.json" || (isImported && name is "tokenizer_config.json" or "special_tokens_map.json" or "added_tokens.json"),
        ".md" => false,
        _ => !name.StartsWith("LICEN", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("NOTICE", StringComparison.OrdinalIgnoreCase),
    };
}
