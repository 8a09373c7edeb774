namespace Splade.Encoding;

/// <summary>A model package that can't be used.</summary>
public sealed class ModelPackageException(string file, string message, Exception? inner = null) : Exception($"{file}: {message}", inner)
{
    public string File { get; } = file;

    /// <summary>The message without the file.</summary>
    public string Reason { get; } = message;
}

/// <summary>No model package of that name.</summary>
public sealed class ModelNotFoundException(string name, string message) : Exception(message)
{
    public string Name { get; } = name;
}
