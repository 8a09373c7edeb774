namespace Splade.Evaluation.Collections;

/// <summary>
/// Files that are written under other names in the folder where they will be, and get their own all at once at the end: work that fails leaves what was there
/// before, and nothing that is half written.
/// </summary>
internal sealed class PendingFiles : IDisposable
{
    private readonly List<(string Written, string Path)> _files = [];

    /// <summary>Where to write what will be the file of this path.</summary>
    /// <exception cref="IOException">There can be none; the message says where not.</exception>
    public string Add(string path)
    {
        // Of another ending: one that is left behind by a power cut is not read as a part of the folder.
        var written = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            File.Create(written).Dispose();
        }
        catch (Exception exception) when (exception is FileNotFoundException or UnauthorizedAccessException)
        {
            // It would be that of a name which nobody has given.
            throw new IOException($"In {Path.GetDirectoryName(path)} no file can be made: name another folder, or allow it there.", exception);
        }

        _files.Add((written, path));
        return written;
    }

    /// <summary>Gives the files their names, over those that are there.</summary>
    public void Complete()
    {
        foreach (var (written, path) in _files)
        {
            File.Move(written, path, overwrite: true);
        }

        _files.Clear();
    }

    /// <summary>Deletes what was not completed.</summary>
    public void Dispose() => _files.ForEach(f => File.Delete(f.Written));
}
