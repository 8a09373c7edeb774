using System.Text.Json.Nodes;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Safetensors;

namespace Splade.Encoding.Import;

/// <summary>
/// Turns a Hugging Face or sentence-transformers folder into a model package under <c>{data}/models/NAME</c>: the graph with its head as
/// onnx/model.onnx, with the package's own settings and tokenizers beside it. The package is built in a folder beside its place, tried on
/// texts, and only then moved there: a refusal leaves nothing behind.
/// </summary>
public static class ModelImporter
{
    private const string Graph = "onnx/model.onnx";
    private const string WorkPrefix = ".import-";
    private const int MaxNameLength = 100;

    /// <param name="folder">The package as its users have it. It is not changed.</param>
    /// <param name="dataFolder">The node's data folder.</param>
    /// <param name="progress">Gets a line for each step.</param>
    /// <exception cref="ModelPackageException">The package can't be used, or there is a model of that name; the message names file and cause.</exception>
    public static ImportReport Import(
        string folder, string dataFolder, ImportOptions options, Action<string> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        if (!Directory.Exists(folder))
        {
            throw new ModelPackageException(folder, "There is no such folder.");
        }

        var name = options.Name ?? DefaultName(Path.GetFullPath(folder));
        CheckName(folder, dataFolder, name, options.Force);
        var models = Path.Combine(dataFolder, "models");
        var target = Path.Combine(models, name);
        string[] made = [.. new[] { models, dataFolder }.Where(f => !Directory.Exists(f))];
        Directory.CreateDirectory(models);
        RemoveAbandoned(models);
        var work = Path.Combine(models, $"{WorkPrefix}{name}-{Guid.NewGuid():N}");
        try
        {
            using var hold = Hold(work);
            Directory.CreateDirectory(work);
            var report = Build(folder, work, name, options, progress, cancellationToken);
            Publish(work, target);
            return report with { Folder = target };
        }
        catch (Exception exception)
        {
            Remove(work);
            foreach (var empty in made.Where(f => !Directory.EnumerateFileSystemEntries(f).Any()))
            {
                Directory.Delete(empty);
            }

            if (exception is IOException or UnauthorizedAccessException or ArgumentException)
            {
                throw new ModelPackageException(folder, $"The import failed: {exception.Message}", exception);
            }

            throw;
        }
    }

    /// <summary>What killed imports left, up to a model's size each.</summary>
    private static void RemoveAbandoned(string models)
    {
        foreach (var work in Directory.EnumerateDirectories(models, WorkPrefix + "*"))
        {
            try
            {
                using var hold = Hold(work);
                Remove(work);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Of an import that runs, or somebody else's.
            }
        }
    }

    /// <summary>A lock beside an import's folder, which goes with its process.</summary>
    private static FileStream Hold(string work) => new(work + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);

    private static void Remove(string work)
    {
        try
        {
            Directory.Delete(work, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // It was not made yet, or has its place as a model.
        }
    }

    /// <summary>Refuses a name that an import could not use, before anything is read or downloaded.</summary>
    /// <param name="folder">Of the package, for messages.</param>
    /// <param name="replace">A model of that name may be there.</param>
    /// <exception cref="ModelPackageException">It is no name, or there is a model of that name.</exception>
    public static void CheckName(string folder, string dataFolder, string name, bool replace)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > MaxNameLength || name.StartsWith('.') || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new ModelPackageException(
                folder, $"[{name}] can't be the name of a model: up to {MaxNameLength} letters, digits, '-', '_' and '.', not beginning with '.'. Give one with --name.");
        }

        var target = Path.Combine(dataFolder, "models", name);
        if (Directory.Exists(target) && !replace)
        {
            throw new ModelPackageException(target, $"There is a model [{name}] already. Choose another --name, or replace it with --force.");
        }
    }

    private static ImportReport Build(
        string folder, string work, string name, ImportOptions options, Action<string> progress, CancellationToken cancellationToken)
    {
        progress($"reading {folder}");
        var package = ModelPackage.Read(folder, name);
        PackageCopy.Copy(package, work);
        EncoderSide[] sides = package.Queries is { } queries ? [package.Documents, queries] : [package.Documents];
        var origins = new List<GraphOrigin>();
        foreach (var side in sides)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress($"building the graph from {Path.GetRelativePath(package.Files.Folder, side.Weights.Path)}{(options.Int8 ? ", in int8" : "")}");
            var external = WriteGraph(package, side, Path.Combine(work, side.Folder, Graph), options.Int8, progress);
            origins.Add(GraphOrigin.Of(side, external, work, PackageFiles.Join(side.Folder, Graph[..(Graph.IndexOf('/', StringComparison.Ordinal) + 1)]), options.Int8));
        }

        var weights = Path.GetFileName(package.Documents.Weights.Path);
        var architecture = JsonFields.Text(package.Files.ReadObject(PackageFiles.Join(package.Documents.Folder, "config.json")), "model_type") ?? "unknown";
        PackageCopy.Describe(package.Files, work, new JsonObject
        {
            ["from"] = Path.GetFileName(package.Files.Folder),
            ["task"] = (package.Dense is null ? ModelTask.SparseEmbedding : ModelTask.TextEmbedding).Name(),
            ["model_type"] = architecture,
            ["weights"] = weights,
            ["int8"] = options.Int8,
            ["graphs"] = GraphOrigin.Write(origins),
        });
        progress($"trying it on {SampleTexts.All.Length} texts");
        try
        {
            using var trial = ModelTrial.Open(ModelPackage.Read(work, name));
            var loss = options.Int8 ? trial.LossAgainst(ModelPackage.Read(folder, name), cancellationToken) : null;
            return new ImportReport(
                trial.Description, work, architecture, weights, PackageCopy.Licence(package.Files), ModelSummary.Size(work), trial.Dimensions, trial.Sample(cancellationToken), loss)
            {
                OwnQueryModel = package.Queries is not null,
            };
        }
        catch (ModelPackageException failed) when (failed.File.StartsWith(Path.GetFullPath(work), StringComparison.Ordinal))
        {
            // Nobody will find the work folder: what fails on trial comes from the weights.
            throw new ModelPackageException(package.Documents.Weights.Path, failed.Reason, failed);
        }
    }

    /// <returns>Full paths of the files, besides that of the side, with its weights.</returns>
    private static string[] WriteGraph(ModelPackage package, EncoderSide side, string target, bool int8, Action<string> progress)
    {
        var graph = RunnableGraph.Load(package.Files, side, package.Dense);
        if (graph.SurplusLayers > 0)
        {
            progress($"warning: {Path.GetFileName(side.Weights.Path)} has {graph.SurplusLayers} more layers than config.json says; they are not used, as in transformers. Is it the config.json of these weights?");
        }

        var model = graph.Model ?? OnnxFile.Read(graph.Path, package.Files.Folder);
        if (side.Weights.Config is null)
        {
            TensorData.CheckFinite(model, graph.Path);
        }

        if (int8)
        {
            new Int8Quantizer(model, graph.Path).Quantize();
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        OnnxWriter.Write(model, graph.Path, target);
        if (side.Weights.Config is not null)
        {
            using var weights = ModelWeights.Open(side.Weights.Path);
            return [.. weights.Paths.Where(p => p != side.Weights.Path)];
        }

        return [.. OnnxFile.Tensors(model.Graph).Select(OnnxFile.Location).OfType<string>().Distinct().Select(l => Path.Combine(Path.GetDirectoryName(graph.Path)!, l))];
    }

    /// <summary>Moves the finished package to its place; a package that was there goes only when the new one stands.</summary>
    private static void Publish(string work, string target)
    {
        if (!Directory.Exists(target))
        {
            Directory.Move(work, target);
            return;
        }

        var old = work + "-old";
        Directory.Move(target, old);
        try
        {
            Directory.Move(work, target);
        }
        catch
        {
            Directory.Move(old, target);
            throw;
        }

        Directory.Delete(old, recursive: true);
    }

    /// <summary>The folder's name; in the cache of a hub client (models--OWNER--NAME/snapshots/HASH) that of the model.</summary>
    private static string DefaultName(string folder)
    {
        var directory = new DirectoryInfo(folder);
        return directory.Parent is { Name: "snapshots", Parent.Name: var cached } && cached.StartsWith("models--", StringComparison.Ordinal)
            ? cached.Split("--")[^1]
            : directory.Name;
    }
}
