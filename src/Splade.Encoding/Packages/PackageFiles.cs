using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>Reads files of a package folder, with limits and with errors that name the file.</summary>
internal sealed class PackageFiles(string folder)
{
    private const long MaxTextBytes = 256L << 20;

    public string Folder { get; } = Path.GetFullPath(folder);

    public string PathOf(string relative) => Path.Combine(Folder, relative.Replace('/', Path.DirectorySeparatorChar));

    public bool Has(string relative) => File.Exists(PathOf(relative));

    public string ReadText(string relative)
    {
        var path = PathOf(relative);
        try
        {
            if (new FileInfo(path).Length > MaxTextBytes)
            {
                throw new ModelPackageException(path, $"The file is larger than {MaxTextBytes >> 20} MB.");
            }

            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(path, $"The file can't be read: {exception.Message}", exception);
        }
    }

    /// <summary>Null when the file is not there.</summary>
    public JsonElement? ReadJson(string relative)
    {
        if (!Has(relative))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(ReadText(relative), new JsonDocumentOptions { MaxDepth = 64 });
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new ModelPackageException(PathOf(relative), $"This is no valid JSON: {exception.Message}", exception);
        }
    }

    public ModelPackageException Error(string relative, string message) => new(PathOf(relative), message);
}
