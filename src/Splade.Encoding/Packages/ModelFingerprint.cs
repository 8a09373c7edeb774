using System.Security.Cryptography;

namespace Splade.Encoding.Packages;

/// <summary>
/// The identity of a package's content, as 32 hexadecimal digits: 16 of its vector space (weights and vocabularies), 16 of all other files (settings,
/// tables of query weights, model card). Vectors of equal vector spaces can be compared, whatever the settings.
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
    internal static string Of(string folder)
    {
        using var space = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var rest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in new PackageFiles(folder).All().Order(StringComparer.Ordinal))
        {
            var hash = MakesVectors(Path.GetFileName(file)) ? space : rest;
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file).Replace('\\', '/')));
            using var stream = RegularFile.Open(file);
            hash.AppendData(SHA256.HashData(stream));
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
                    .Select(f => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{f.FullName}:{f.Length}:{f.LastWriteTimeUtc.Ticks}:{f.CreationTimeUtc.Ticks}")));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is being replaced or removed at this moment.
            return null;
        }
    }

    private static bool MakesVectors(string name) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".json" => name is "tokenizer.json" or "vocab.json",
        ".md" => false,
        _ => !name.StartsWith("LICEN", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("NOTICE", StringComparison.OrdinalIgnoreCase),
    };
}
