using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>
/// What modules.json and router_config.json say about a package: where the document model lies, how its logits are pooled, and the folder of the
/// inference-free query table. A folder without modules.json is a plain Hugging Face model: all in the root, max pooling.
/// </summary>
/// <param name="DocumentFolder">Relative to the package, "" for its root.</param>
/// <param name="QueryFolder">Folder of the SparseStaticEmbedding; null when queries run through the model.</param>
internal sealed record PackageLayout(string DocumentFolder, Pooling Pooling, string? QueryFolder)
{
    private const string StaticQuery = "SparseStaticEmbedding";
    private const string SpladePooling = "SpladePooling";

    // Releases of sentence-transformers spell the namespaces differently; the last part of the type is what counts.
    private static readonly string[] Transformers = ["Transformer", "MLMTransformer"];

    /// <exception cref="ModelPackageException">A module that can't be run, or one outside of the package.</exception>
    public static PackageLayout Read(PackageFiles files)
    {
        if (files.ReadArray("modules.json") is not { } modules)
        {
            return files.Has("router_config.json") ? ReadRouter(files, "") : new PackageLayout("", Pooling.Default, null);
        }

        var route = modules.EnumerateArray().Select(m => (Folder: Text(files, m, "path"), Type: LastName(Text(files, m, "type")))).ToArray();
        if (route is [{ Type: "Router", Folder: var folder }])
        {
            return ReadRouter(files, folder);
        }

        return ReadDocuments(files, "modules.json", route, null);
    }

    private static PackageLayout ReadRouter(PackageFiles files, string folder)
    {
        var file = PackageFiles.Join(folder, "router_config.json");
        var router = files.ReadObject(file) ?? throw files.Error(file, "modules.json names a Router, but its file is not there.");
        if (!router.TryGetProperty("types", out var types) || types.ValueKind != JsonValueKind.Object
            || !router.TryGetProperty("structure", out var structure) || structure.ValueKind != JsonValueKind.Object)
        {
            throw files.Error(file, "Expected objects [types] and [structure].");
        }

        var documents = Route("document");
        var queries = Route("query");
        if (queries is [{ Type: StaticQuery, Folder: var table }])
        {
            return ReadDocuments(files, file, documents, table);
        }

        return queries.SequenceEqual(documents)
            ? ReadDocuments(files, file, documents, null)
            : throw files.Error(file, "Queries have a model of their own; only SparseStaticEmbedding is supported as a separate query side yet.");

        (string Folder, string Type)[] Route(string name)
        {
            if (!structure.TryGetProperty(name, out var route) || route.ValueKind != JsonValueKind.Array)
            {
                throw files.Error(file, $"The structure has no route [{name}].");
            }

            return [.. route.EnumerateArray().Select(m => m.GetString() ?? "").Select(module =>
                types.TryGetProperty(module, out var type) && type.ValueKind == JsonValueKind.String
                    ? (PackageFiles.Join(folder, module), LastName(type.GetString()!))
                    : throw files.Error(file, $"The module [{module}] has no type."))];
        }
    }

    private static PackageLayout ReadDocuments(PackageFiles files, string file, (string Folder, string Type)[] route, string? queryFolder)
    {
        foreach (var (folder, _) in route.Append((queryFolder ?? "", "")))
        {
            if (folder.Length > 0 && !Directory.Exists(files.PathOf(folder)))
            {
                throw files.Error(file, $"It names the module folder [{folder}], which is not there.");
            }
        }

        return route switch
        {
            [var model] when Transformers.Contains(model.Type) => new PackageLayout(model.Folder, Pooling.Default, queryFolder),
            [var model, { Type: SpladePooling } pooling] when Transformers.Contains(model.Type) =>
                new PackageLayout(model.Folder, Pooling.Read(files, PackageFiles.Join(pooling.Folder, "config.json")), queryFolder),
            _ => throw files.Error(file, $"The modules [{string.Join(", ", route.Select(r => r.Type))}] are no SPLADE model: expected Transformer and SpladePooling."),
        };
    }

    private static string Text(PackageFiles files, JsonElement module, string name) =>
        module.ValueKind == JsonValueKind.Object && module.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw files.Error("modules.json", $"A module has no [{name}].");

    private static string LastName(string type) => type[(type.LastIndexOf('.') + 1)..];
}
