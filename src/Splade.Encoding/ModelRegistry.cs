using System.Collections.Immutable;

namespace Splade.Encoding;

/// <summary>
/// Finds model packages: those that ship with the program (folder <c>models</c> beside the executable) and the user's own under
/// <c>{data}/models/{name}</c>. Loads each once and keeps it. Safe for concurrent use.
/// </summary>
public sealed class ModelRegistry(string dataFolder) : IDisposable
{
    /// <summary>The package that a <c>semantic_text</c> field gets when its mapping names none.</summary>
    public const string DefaultModel = "splade-lexical-v1";

    public string DataFolder { get; } = dataFolder;

    /// <summary>Names of all packages that are there, loaded or not.</summary>
    public ImmutableArray<string> List() => throw new NotImplementedException();

    /// <summary>Loads a package on first use.</summary>
    /// <exception cref="ModelNotFoundException">No such package; the message lists those that are there.</exception>
    /// <exception cref="ModelPackageException">The package is broken; the message names file and cause.</exception>
    public ISparseEncoder Get(string name) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>No model package of that name.</summary>
public sealed class ModelNotFoundException(string name, string message) : Exception(message)
{
    public string Name { get; } = name;
}

/// <summary>A model package that can't be used.</summary>
public sealed class ModelPackageException(string file, string message, Exception? inner = null) : Exception($"{file}: {message}", inner)
{
    public string File { get; } = file;
}
