using System.Collections.Concurrent;
using System.Collections.Immutable;
using Splade.Encoding.Packages;

namespace Splade.Encoding;

/// <summary>
/// Finds model packages: those that ship with the program (folder <c>models</c> beside the executable) and the user's own under
/// <c>{data}/models/{name}</c>. Loads each once and keeps it; <see cref="Refresh"/> lets go of those that changed. Safe for concurrent use.
/// </summary>
/// <param name="dataFolder">The node's data folder.</param>
public sealed class ModelRegistry(string dataFolder, EncoderOptions? options = null) : IDisposable
{
    /// <summary>The package that a <c>semantic_text</c> field gets when its mapping names none.</summary>
    public const string DefaultModel = "splade-small-v1";

    /// <summary>Ships with the program, too: for other languages than English, where a mapping names it.</summary>
    public const string MultilingualModel = "lexical-multilingual-v1";

    private readonly ConcurrentDictionary<string, Lazy<LoadedModel<ISparseEncoder>>> _sparse = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<LoadedModel<IDenseEncoder>>> _dense = new(StringComparer.Ordinal);
    private readonly EncoderOptions _options = WarningOnce(options ?? new EncoderOptions());

    public string DataFolder { get; } = dataFolder;

    private IEnumerable<string> Folders => [Path.Combine(DataFolder, "models"), Path.Combine(AppContext.BaseDirectory, "models")];

    /// <summary>Names of all packages that are there, loaded or not, of all tasks.</summary>
    public ImmutableArray<string> List() =>
        [.. Folders.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Select(f => Path.GetFileName(f)!)
            .Where(n => !n.StartsWith('.')).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The folder of a package.</summary>
    /// <exception cref="ModelNotFoundException">No such package; the message lists those that are there.</exception>
    public string FolderOf(string name) => FindByName(name) ?? throw NotFound(name);

    /// <summary>The folder of a package that is named, or is a folder itself.</summary>
    /// <exception cref="ModelNotFoundException">Neither; the message lists the packages that are there.</exception>
    public string Find(string nameOrFolder) => FindByName(nameOrFolder)
        ?? (Directory.Exists(nameOrFolder) ? Path.GetFullPath(nameOrFolder) : throw NotFound(nameOrFolder));

    /// <summary>Loads a package by its name or from a folder, for the caller alone, who disposes it.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public ISparseEncoder Open(string nameOrFolder) => Open(nameOrFolder, (package, fingerprint) => new OnnxSparseEncoder(package, fingerprint, _options));

    /// <summary>Loads a dense package by its name or from a folder, for the caller alone, who disposes it.</summary>
    /// <inheritdoc cref="GetDense" path="/exception"/>
    public IDenseEncoder OpenDense(string nameOrFolder) => Open(nameOrFolder, (package, fingerprint) => new OnnxDenseEncoder(package, fingerprint, _options));

    /// <summary>What a package is for, from its settings alone: nothing is loaded.</summary>
    /// <exception cref="ModelNotFoundException">No such package; the message lists those that are there.</exception>
    /// <exception cref="ModelPackageException">The settings are broken; the message names file and cause.</exception>
    public ModelTask TaskOf(string nameOrFolder) =>
        PackageLayout.Read(new PackageFiles(Find(nameOrFolder))).Dense is null ? ModelTask.SparseEmbedding : ModelTask.TextEmbedding;

    /// <summary>Loads a package on first use. The encoder is the registry's, until that is disposed or a <see cref="Refresh"/> finds the package changed.</summary>
    /// <exception cref="ModelNotFoundException">No such package; the message lists those that are there.</exception>
    /// <exception cref="ModelPackageException">The package is broken or makes dense vectors; the message names file and cause.</exception>
    public ISparseEncoder Get(string name) => Load(name).Encoder;

    /// <summary>The same for as long as the caller needs it, whatever becomes of the package.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public ModelUse Use(string name)
    {
        while (true)
        {
            // A failure means that a refresh has just let it go: load what is there now.
            if (Load(name) is var loaded && loaded.TryAcquire())
            {
                return new ModelUse(loaded);
            }
        }
    }

    /// <summary>Loads a dense package (<see cref="ModelTask.TextEmbedding"/>) on first use.</summary>
    /// <exception cref="ModelNotFoundException">No such package; the message lists those that are there.</exception>
    /// <exception cref="ModelPackageException">The package is broken or makes sparse vectors; the message names file and cause.</exception>
    public IDenseEncoder GetDense(string name) =>
        GetOrLoad<IDenseEncoder>(_dense, name, (package, fingerprint) => new OnnxDenseEncoder(package, fingerprint, _options)).Encoder;

    /// <summary>What the package's files look like from outside, to be compared with what it was before; null where there is none.</summary>
    public string? StampOf(string name) => ModelFingerprint.Stamp(FindByName(name));

    /// <summary>
    /// Lets go of loaded packages that were changed, replaced or removed: the next use loads what is there then. Who uses one goes on with it, and with
    /// its last use it is unloaded.
    /// </summary>
    public void Refresh()
    {
        LetGo(_sparse, model => StampOf(model.Key) != model.Value.Value.Stamp);
        LetGo(_dense, model => StampOf(model.Key) != model.Value.Value.Stamp);
    }

    public void Dispose()
    {
        LetGo(_sparse, _ => true);
        LetGo(_dense, _ => true);
    }

    private static void LetGo<T>(ConcurrentDictionary<string, Lazy<LoadedModel<T>>> loaded, Func<KeyValuePair<string, Lazy<LoadedModel<T>>>, bool> condition)
        where T : IDisposable
    {
        foreach (var model in loaded.Where(m => m.Value.IsValueCreated && condition(m)))
        {
            if (loaded.TryRemove(model))
            {
                model.Value.Value.Release();
            }
        }
    }

    private LoadedModel<ISparseEncoder> Load(string name) =>
        GetOrLoad<ISparseEncoder>(_sparse, name, (package, fingerprint) => new OnnxSparseEncoder(package, fingerprint, _options));

    /// <summary>Every session of every model says it again when there is no device.</summary>
    private static EncoderOptions WarningOnce(EncoderOptions options)
    {
        var said = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        return options.OnWarning is not { } warn ? options : options with
        {
            OnWarning = line =>
            {
                if (said.TryAdd(line, true))
                {
                    warn(line);
                }
            },
        };
    }

    private T Open<T>(string nameOrFolder, Func<ModelPackage, string, T> load)
    {
        var folder = Find(nameOrFolder);
        return Load(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), folder, load);
    }

    private LoadedModel<T> GetOrLoad<T>(ConcurrentDictionary<string, Lazy<LoadedModel<T>>> loaded, string name, Func<ModelPackage, string, T> load)
        where T : IDisposable
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var encoder = loaded.GetOrAdd(name, n => new Lazy<LoadedModel<T>>(() =>
        {
            var stamp = StampOf(n);
            return new LoadedModel<T>(Load(n, FolderOf(n), load), stamp);
        }));
        try
        {
            return encoder.Value;
        }
        catch
        {
            // A failed load is tried again: the package may be mended meanwhile.
            loaded.TryRemove(new KeyValuePair<string, Lazy<LoadedModel<T>>>(name, encoder));
            throw;
        }
    }

    private string? FindByName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length == 0 || name.IndexOfAny(['/', '\\', ':']) >= 0 || name.StartsWith('.')
            ? null
            : Folders.Select(f => Path.Combine(f, name)).FirstOrDefault(Directory.Exists);
    }

    private ModelNotFoundException NotFound(string name) => new(name, $"There is no model [{name}]. Models here: [{string.Join(", ", List())}].");

    private static T Load<T>(string name, string folder, Func<ModelPackage, string, T> load)
    {
        try
        {
            var package = ModelPackage.Read(folder, name);
            return load(package, ModelFingerprint.Of(package));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(folder, $"The package can't be read: {exception.Message}", exception);
        }
    }
}
