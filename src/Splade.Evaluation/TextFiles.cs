namespace Splade.Evaluation;

/// <summary>Text files line by line, gzipped or not.</summary>
public static class TextFiles
{
    public static IEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(Open(path));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>
    /// Opens a file to read. A packed one that is damaged, or ends in the middle, fails with an <see cref="InvalidDataException"/> when that place is read; what it
    /// says of its end is compared only where the program has <c>System.IO.Compression.UseStrictValidation</c>, as all of ours have.
    /// </summary>
    public static Stream Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        return path.EndsWith(".gz", StringComparison.Ordinal) ? new PackedFile(file) : file;
    }

    /// <summary>The file, or the same with <c>.gz</c>; null when there is neither.</summary>
    public static string? Find(string path) => File.Exists(path) ? path : File.Exists(path + ".gz") ? path + ".gz" : null;
}
