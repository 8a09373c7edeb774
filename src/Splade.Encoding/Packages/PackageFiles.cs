using System.IO.Enumeration;
using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>Reads files of a package folder, with limits and with errors that name the file. No path leaves the folder.</summary>
internal sealed class PackageFiles(string folder)
{
    /// <summary>The largest tokenizers known have 34 MB. As JSON a file takes eight times its bytes in memory.</summary>
    public const long MaxTextBytes = 64L << 20;

    /// <summary>Without a separator at its end, which a shell's completion leaves there.</summary>
    public string Folder { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    /// <summary>A path of the package, <c>/</c> between its parts; <paramref name="folder"/> "" is the root.</summary>
    public static string Join(string folder, string name) => folder.Length == 0 ? name : name.Length == 0 ? folder : $"{folder}/{name}";

    /// <exception cref="ModelPackageException">The path leads out of the package.</exception>
    public string PathOf(string relative) => Contains(relative)
        ? FullPath(relative)
        : throw new ModelPackageException(Folder, $"The path [{relative}] leads out of the package.");

    /// <summary>Whether a path stays in the package; it need not be there.</summary>
    public bool Contains(string relative)
    {
        var path = FullPath(relative);
        return path == Folder || path.StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    /// <exception cref="ModelPackageException">There is something of that name that is no file.</exception>
    public bool Has(string relative) => RegularFile.Exists(PathOf(relative));

    public string ReadText(string relative)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(relative)));
        return reader.ReadToEnd();
    }

    public byte[] ReadBytes(string relative)
    {
        var path = PathOf(relative);
        try
        {
            using var file = RegularFile.Open(path);
            using var bytes = new MemoryStream();
            CopyBounded(file, bytes, path);
            return bytes.ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(path, $"The file can't be read: {exception.Message}", exception);
        }
    }

    /// <summary>Paths of all files, links to files too (the cache of a hub client is made of them), but of no folder that is a link: it may lead in a circle.</summary>
    public IEnumerable<string> All() => new FileSystemEnumerable<string>(
        Folder, (ref FileSystemEntry entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
    {
        ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
        ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    /// <summary>Copies a file of the package up to a limit: a link may lead to a device that never ends.</summary>
    /// <param name="path">Of the source, for messages.</param>
    /// <exception cref="ModelPackageException">The file is too large.</exception>
    public static void CopyBounded(Stream from, Stream to, string path)
    {
        var buffer = new byte[1 << 16];
        var total = 0L;
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            total += read;
            if (total > MaxTextBytes)
            {
                throw new ModelPackageException(path, $"The file is larger than {MaxTextBytes >> 20} MB.");
            }

            to.Write(buffer, 0, read);
        }
    }

    /// <summary>Null when the file is not there.</summary>
    public JsonElement? ReadObject(string relative) => ReadJson(relative, JsonValueKind.Object);

    /// <inheritdoc cref="ReadObject"/>
    public JsonElement? ReadArray(string relative) => ReadJson(relative, JsonValueKind.Array);

    public ModelPackageException Error(string relative, string message) => new(PathOf(relative), message);

    private string FullPath(string relative) => Path.GetFullPath(Path.Combine(Folder, relative.Replace('/', Path.DirectorySeparatorChar)));

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
