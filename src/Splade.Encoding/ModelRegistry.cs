using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Splade.Encoding.Packages;

namespace Splade.Encoding;

/// <summary>
/// Finds model packages: those that ship with the program (folder <c>models</c> beside the executable) and the user's own under
/// <c>{data}/models/{name}</c>. Loads each once and keeps it. Safe for concurrent use.
/// </summary>
/// <param name="dataFolder">The node's data folder.</param>
public sealed class ModelRegistry(string dataFolder, EncoderOptions? options = null) : IDisposable
{
    /// <summary>The package that a <c>semantic_text</c> field gets when its mapping names none.</summary>
    public const string DefaultModel = "splade-small-v1";

    /// <summary>Ships with the program, too: for other languages than English, where a mapping names it.</summary>
    public const string MultilingualModel = "lexical-multilingual-v1";

    private readonly ConcurrentDictionary<string, Lazy<ISparseEncoder>> _sparse = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<IDenseEncoder>> _dense = new(StringComparer.Ordinal);
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

    /// <summary>Loads a package on first use.</summary>
    /// <exception cref="ModelNotFoundException">No such package; the message lists those that are there.</exception>
    /// <exception cref="ModelPackageException">The package is broken or makes dense vectors; the message names file and cause.</exception>
    public ISparseEncoder Get(string name) =>
        GetOrLoad(_sparse, name, (package, fingerprint) => new OnnxSparseEncoder(package, fingerprint, _options));

    /// <summary>Loads a dense package (<see cref="ModelTask.TextEmbedding"/>) on first use.</summary>
    /// <exception cref="ModelNotFoundException">No such package; the message lists those that are there.</exception>
    /// <exception cref="ModelPackageException">The package is broken or makes sparse vectors; the message names file and cause.</exception>
    public IDenseEncoder GetDense(string name) =>
        GetOrLoad(_dense, name, (package, fingerprint) => new OnnxDenseEncoder(package, fingerprint, _options));

    public void Dispose()
    {
        foreach (var encoder in _sparse.Values.Where(e => e.IsValueCreated))
        {
            encoder.Value.Dispose();
        }

        foreach (var encoder in _dense.Values.Where(e => e.IsValueCreated))
        {
            encoder.Value.Dispose();
        }
    }

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

    private T GetOrLoad<T>(ConcurrentDictionary<string, Lazy<T>> loaded, string name, Func<ModelPackage, string, T> load)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var encoder = loaded.GetOrAdd(name, n => new Lazy<T>(() => Load(n, FolderOf(n), load)));
        try
        {
            return encoder.Value;
        }
        catch
        {
            // A failed load is tried again: the package may be mended meanwhile.
            loaded.TryRemove(new KeyValuePair<string, Lazy<T>>(name, encoder));
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
            return load(ModelPackage.Read(folder, name), Fingerprint(folder));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(folder, $"The package can't be read: {exception.Message}", exception);
        }
    }

    /// <summary>SHA-256 over names and contents of the package's files, so that two nodes can tell whether they have the same model.</summary>
    private static string Fingerprint(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in new PackageFiles(folder).All().Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetRelativePath(folder, file).Replace('\\', '/')));
            using var stream = RegularFile.Open(file);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
