using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splade.Encoding.Packages;

/// <summary>
/// What a graph was built from, as the import notes it in splade.json. A later version of the program may build other bytes from the same weights; the vectors are the
/// same, and an index of them goes on. It counts only while the graph is the one that was built.
/// </summary>
/// <param name="Folder">Of the graph's files, relative to the package, with a / behind it.</param>
/// <param name="Built">SHA-256 of the graph's files.</param>
/// <param name="Weights">SHA-256 of the files that it was built from, and of how.</param>
internal sealed record GraphOrigin(string Folder, string Built, string Weights)
{
    private const string Imported = "imported";
    private const string Graphs = "graphs";

    /// <param name="side">Of the package as its users have it.</param>
    /// <param name="external">Full paths of the files beside an ONNX file, or of shards, that hold weights.</param>
    /// <param name="package">Folder of the built package.</param>
    /// <param name="folder">Of the graph in it.</param>
    public static GraphOrigin Of(EncoderSide side, IEnumerable<string> external, string package, string folder, bool int8)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in new[] { side.Weights.Path, side.Weights.Config }.OfType<string>().Concat(external.Order(StringComparer.Ordinal)))
        {
            hash.AppendData(HashOf(file));
        }

        hash.AppendData([(byte)(int8 ? 1 : 0)]);
        var files = new PackageFiles(package);
        return new GraphOrigin(folder, HashOf(Files(files).Where(f => f.Name.StartsWith(folder, StringComparison.Ordinal))), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Those that a package notes; none where it is older or was not imported.</summary>
    public static IEnumerable<GraphOrigin> Read(PackageFiles files)
    {
        if (files.ReadObject(PackageSettings.File) is not { } settings || !settings.TryGetProperty(Imported, out var imported)
            || imported.ValueKind != JsonValueKind.Object || !imported.TryGetProperty(Graphs, out var graphs) || graphs.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var graph in graphs.EnumerateObject())
        {
            if (graph.Value.ValueKind == JsonValueKind.Object && JsonFields.Text(graph.Value, "built") is { } built && JsonFields.Text(graph.Value, "weights") is { } weights)
            {
                yield return new GraphOrigin(graph.Name, built, weights);
            }
        }
    }

    public static JsonObject Write(IEnumerable<GraphOrigin> origins) =>
        new(origins.Select(o => KeyValuePair.Create(o.Folder, (JsonNode?)new JsonObject { ["built"] = o.Built, ["weights"] = o.Weights })));

    /// <summary>All files of a package, / between the parts of their names, with their hashes.</summary>
    public static IEnumerable<(string Name, byte[] Hash)> Files(PackageFiles files) => files.All().Order(StringComparer.Ordinal)
        .Select(file => (Path.GetRelativePath(files.Folder, file).Replace('\\', '/'), HashOf(file)));

    public static string HashOf(IEnumerable<(string Name, byte[] Hash)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in files)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public bool Has(string name) => name.StartsWith(Folder, StringComparison.Ordinal);

    private static byte[] HashOf(string file)
    {
        using var stream = RegularFile.Open(file);
        return SHA256.HashData(stream);
    }
}
