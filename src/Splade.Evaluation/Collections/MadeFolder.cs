namespace Splade.Evaluation.Collections;

/// <summary>A folder, made with those above it where they are not there. What of them is still empty at the end goes again.</summary>
public sealed class MadeFolder : IDisposable
{
    private readonly List<string> _made = [];

    /// <exception cref="IOException">There can be none; the message says where not.</exception>
    public MadeFolder(string path)
    {
        for (var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
        {
            _made.Add(folder);
        }

        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new IOException($"In {Path.GetDirectoryName(_made[^1])} no folder can be made: name another, or allow it there.", exception);
        }
    }

    public void Dispose()
    {
        // Innermost first. Another program may have put a file there meanwhile.
        foreach (var folder in _made.TakeWhile(f => !Directory.EnumerateFileSystemEntries(f).Any()))
        {
            Directory.Delete(folder);
        }
    }
}
