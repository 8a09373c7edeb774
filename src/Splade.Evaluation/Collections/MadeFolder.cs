namespace Splade.Evaluation.Collections;

/// <summary>A folder, made with those above it where they are not there. What of them is still empty at the end goes again.</summary>
internal sealed class MadeFolder : IDisposable
{
    private readonly List<string> _made = [];

    public MadeFolder(string path)
    {
        for (var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
        {
            _made.Add(folder);
        }

        Directory.CreateDirectory(path);
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
