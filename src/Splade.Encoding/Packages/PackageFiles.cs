using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>Reads files of a package folder, with limits and with errors that name the file. No path leaves the folder.</summary>
internal sealed class PackageFiles(string folder)
{
    private const long MaxTextBytes = 256L << 20;

    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>A path of the package, <c>/</c> between its parts; <paramref name="folder"/> "" is the root.</summary>
    public static string Join(string folder, string name) => folder.Length == 0 ? name : name.Length == 0 ? folder : $"{folder}/{name}";

    /// <exception cref="ModelPackageException">The path leads out of the package.</exception>
    public string PathOf(string relative)
    {
        var path = Path.GetFullPath(Path.Combine(Folder, relative.Replace('/', Path.DirectorySeparatorChar)));
        return path == Folder || path.StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new ModelPackageException(Folder, $"The path [{relative}] leads out of the package.");
    }

    public bool Has(string relative) => File.Exists(PathOf(relative));

    public string ReadText(string relative) => Read(relative, File.ReadAllText);

    public byte[] ReadBytes(string relative) => Read(relative, File.ReadAllBytes);

    /// <summary>Null when the file is not there.</summary>
    public JsonElement? ReadObject(string relative) => ReadJson(relative, JsonValueKind.Object);

    /// <inheritdoc cref="ReadObject"/>
    public JsonElement? ReadArray(string relative) => ReadJson(relative, JsonValueKind.Array);

    public ModelPackageException Error(string relative, string message) => new(PathOf(relative), message);

    private T Read<T>(string relative, Func<string, T> read)
    {
        var path = PathOf(relative);
        try
        {
            return new FileInfo(path).Length <= MaxTextBytes
                ? read(path)
                : throw new ModelPackageException(path, $"The file is larger than {MaxTextBytes >> 20} MB.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(path, $"The file can't be read: {exception.Message}", exception);
        }
    }

    private JsonElement? ReadJson(string relative, JsonValueKind kind)
    {
        if (!Has(relative))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(ReadText(relative), new JsonDocumentOptions { MaxDepth = 64 });
            return document.RootElement.ValueKind == kind
                ? document.RootElement.Clone()
                : throw Error(relative, $"Expected a JSON {kind.ToString().ToLowerInvariant()}.");
        }
        catch (JsonException exception)
        {
            throw new ModelPackageException(PathOf(relative), $"This is no valid JSON: {exception.Message}", exception);
        }
    }
}
