using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>A transformer of a package and what follows it.</summary>
/// <param name="Folder">Relative to the package, "" for its root.</param>
internal sealed record TransformerModules(string Folder, Pooling Pooling);

/// <summary>
/// What modules.json and router_config.json say about a package. A folder without modules.json is a plain Hugging Face model: all in the root, max pooling.
/// </summary>
/// <param name="Queries">A query encoder of its own; null when queries run through the document encoder or a table.</param>
/// <param name="QueryTable">Folder of a SparseStaticEmbedding, the inference-free query side; or null.</param>
/// <param name="Dense">Of a dense sentence encoder, which has no vocabulary head; null for SPLADE.</param>
internal sealed record PackageLayout(TransformerModules Documents, TransformerModules? Queries, string? QueryTable, DensePooling? Dense)
{
    private const string Modules = "modules.json";
    private const string SparseStaticEmbedding = "SparseStaticEmbedding";
    private const string SpladePooling = "SpladePooling";
    private const string TransformerSettings = "sentence_bert_config.json";
    private const string MaskedLanguageModel = "fill-mask";

    // Of packages that no Python library made: the graph is the whole document side and has no type there.
    private const string GraphFolder = "onnx";

    // Releases of sentence-transformers spell the namespaces differently; the last part of the type is what counts.
    private static readonly string[] Transformers = ["Transformer", "MLMTransformer"];

    /// <exception cref="ModelPackageException">A module that can't be run, or one outside of the package.</exception>
    public static PackageLayout Read(PackageFiles files)
    {
        if (files.ReadArray(Modules) is not { } modules)
        {
            return files.Has("router_config.json") ? ReadRouter(files, "", []) : Sparse(new TransformerModules("", Pooling.Default));
        }

        Module[] route = [.. modules.EnumerateArray().Select(m => new Module(Text(files, m, "path"), LastName(Text(files, m, "type"))))];
        if (route is [{ Type: "Router", Folder: var folder }, ..])
        {
            return ReadRouter(files, folder, route[1..]);
        }

        return route is [{ IsTransformer: true } model, { Type: "Pooling" } pooling, ..]
            ? ReadDense(files, model, pooling, route[2..])
            : Sparse(ReadTransformer(files, Modules, route));
    }

    private static PackageLayout Sparse(TransformerModules documents, TransformerModules? queries = null, string? table = null) =>
        new(documents, queries, table, null);

    private static PackageLayout ReadDense(PackageFiles files, Module model, Module pooling, Module[] rest)
    {
        if (rest.FirstOrDefault(m => m.Type == "SparseAutoEncoder") is not null)
        {
            throw files.Error(Modules, "A SparseAutoEncoder (CSR) is not supported: its dimensions are no pieces of a vocabulary.");
        }

        if (JsonFields.Text(files.ReadObject(Prompts.File), "model_type") == "SparseEncoder")
        {
            throw files.Error(Modules, "The package says that it is a SparseEncoder, but its modules are those of a dense encoder (Transformer and Pooling).");
        }

        if (rest is not ([] or [{ Type: "Normalize" }]))
        {
            throw files.Error(Modules, $"The module [{rest.First(m => m.Type != "Normalize").Type}] after the pooling is not supported, only Normalize.");
        }

        CheckFolder(files, Modules, model.Folder);
        var settings = PackageFiles.Join(pooling.Folder, "config.json");
        return new PackageLayout(new TransformerModules(model.Folder, Pooling.Default), null, null, DensePooling.Read(files, settings, rest.Length == 1));
    }

    /// <param name="files">The package.</param>
    /// <param name="folder">The router's folder.</param>
    /// <param name="rest">Modules behind the router, which both of its routes share.</param>
    private static PackageLayout ReadRouter(PackageFiles files, string folder, Module[] rest)
    {
        var file = PackageFiles.Join(folder, "router_config.json");
        var router = files.ReadObject(file) ?? throw files.Error(file, "modules.json names a Router, but its file is not there.");
        if (!router.TryGetProperty("types", out var types) || types.ValueKind != JsonValueKind.Object
            || !router.TryGetProperty("structure", out var structure) || structure.ValueKind != JsonValueKind.Object)
        {
            throw files.Error(file, "Expected objects [types] and [structure].");
        }

        var queries = Route("query");
        var documents = Route("document");
        if (queries is [{ Type: SparseStaticEmbedding, Folder: var table }, ..])
        {
            if (queries.Length > 1)
            {
                throw files.Error(file, $"The query side [{SparseStaticEmbedding}] is followed by [{queries[1].Type}], which needs the vectors of tokens.");
            }

            CheckFolder(files, file, table);
            return Sparse(ReadTransformer(files, file, documents), table: table);
        }

        return queries.SequenceEqual(documents)
            ? Sparse(ReadTransformer(files, file, documents))
            : Sparse(ReadTransformer(files, file, documents), ReadTransformer(files, file, queries));

        Module[] Route(string name)
        {
            if (!structure.TryGetProperty(name, out var route) || route.ValueKind != JsonValueKind.Array)
            {
                throw files.Error(file, $"The structure has no route [{name}].");
            }

            return [.. route.EnumerateArray().Select(m => m.ValueKind == JsonValueKind.String
                ? m.GetString()!
                : throw files.Error(file, $"The route [{name}] has [{m.GetRawText()}] where the name of a module is expected.")).Select(module =>
                types.TryGetProperty(module, out var type) && type.ValueKind == JsonValueKind.String
                    ? new Module(PackageFiles.Join(folder, module), LastName(type.GetString()!))
                    : module == GraphFolder ? new Module(folder, Transformers[0])
                    : throw files.Error(file, $"The module [{module}] has no type.")), .. rest];
        }
    }

    private static TransformerModules ReadTransformer(PackageFiles files, string file, Module[] route)
    {
        foreach (var module in route)
        {
            CheckFolder(files, file, module.Folder);
        }

        if (route is [{ IsTransformer: true, Folder: var folder }, ..]
            && JsonFields.Text(files.ReadObject(PackageFiles.Join(folder, TransformerSettings)), "transformer_task") is { } task and not MaskedLanguageModel)
        {
            throw files.Error(PackageFiles.Join(folder, TransformerSettings), $"The transformer_task is [{task}], but SPLADE needs the logits of [{MaskedLanguageModel}].");
        }

        return route switch
        {
            [{ IsTransformer: true } model] => new TransformerModules(model.Folder, Pooling.Default),
            [{ IsTransformer: true } model, { Type: SpladePooling } pooling] =>
                new TransformerModules(model.Folder, Pooling.Read(files, PackageFiles.Join(pooling.Folder, "config.json"))),
            _ => throw files.Error(file, $"The modules [{string.Join(", ", route.Select(r => r.Type))}] are no SPLADE model: expected Transformer and SpladePooling."),
        };
    }

    private static void CheckFolder(PackageFiles files, string file, string folder)
    {
        if (!files.Contains(folder))
        {
            throw files.Error(file, $"It names the module folder [{folder}], which leads out of the package.");
        }

        if (folder.Length > 0 && !Directory.Exists(files.PathOf(folder)))
        {
            throw files.Error(file, $"It names the module folder [{folder}], which is not there.");
        }
    }

    private static string Text(PackageFiles files, JsonElement module, string name) =>
        module.ValueKind == JsonValueKind.Object && module.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw files.Error(Modules, $"A module has no [{name}].");

    private static string LastName(string type) => type[(type.LastIndexOf('.') + 1)..];

    private sealed record Module(string Folder, string Type)
    {
        public bool IsTransformer => Transformers.Contains(Type);
    }
}
