using System.IO.Hashing;

namespace Splade.Storage;

/// <summary>A segment store in a folder: of one machine, or shared by all nodes. Files are mapped where they lie.</summary>
public sealed class FileSystemSegmentStore : ISegmentStore
{
    private const string IdentityFile = "store-identity";
    private const string StagingFolder = ".staging";
    private readonly string _root;

    /// <exception cref="IOException">The folder can't be made, or this process may not write to it.</exception>
    public FileSystemSegmentStore(string root)
    {
        _root = Path.GetFullPath(root);
        try
        {
            DurableFile.CreateFolder(_root);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"The segment store can't be made at {_root}: give this user the right to write there.", exception);
        }
    }

    public Task<string> GetIdentityAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var path = Path.Combine(_root, IdentityFile);
            if (!File.Exists(path))
            {
                // A hard "create or fail" decides between nodes that start at the same time.
                var mine = $"{path}.{Guid.NewGuid():N}.tmp";
                DurableFile.Write(mine, stream =>
                {
                    stream.Write(System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N")));
                    return true;
                });
                if (!DurableFile.TryMoveNew(mine, path))
                {
                    File.Delete(mine);
                }
            }

            return File.ReadAllText(path);
        },
        cancellationToken);

    public string GetStagingFolder(string prefix)
    {
        var folder = Path.Combine(_root, StagingFolder, Path.GetRelativePath(_root, Resolve(prefix)));
        Directory.CreateDirectory(folder);
        return folder;
    }

    public Task PublishAsync(string key, string stagedPath, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var target = Resolve(key);
            try
            {
                if (!File.Exists(target) && TryMove(stagedPath, target))
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is UnauthorizedAccessException or IOException and not FileNotFoundException)
            {
                throw new IOException($"The segment store at {_root} can't take {key}: {exception.Message}", exception);
            }

            AcceptAgain(key, stagedPath, target);
        },
        cancellationToken);

    public Task<string> GetLocalPathAsync(string key, CancellationToken cancellationToken)
    {
        var path = Resolve(key);
        return File.Exists(path)
            ? Task.FromResult(path)
            : Task.FromException<string>(new FileNotFoundException($"The segment store at {_root} has no file {key}.", path));
    }

    public Task<IReadOnlyList<StoredFile>> ListAsync(string prefix, CancellationToken cancellationToken) => Task.Run<IReadOnlyList<StoredFile>>(
        () =>
        {
            var folder = Resolve(prefix);
            return !Directory.Exists(folder)
                ? []
                : [.. new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories)
                    .Select(f => new StoredFile(Path.GetRelativePath(_root, f.FullName).Replace('\\', '/'), f.Length, f.LastWriteTimeUtc))
                    .OrderBy(f => f.Key, StringComparer.Ordinal)];
        },
        cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var path = Resolve(key);
            if (File.Exists(path))
            {
                File.Delete(path);
            }

            DeleteEmptyFolders(Path.GetDirectoryName(path)!);
        },
        cancellationToken);

    /// <returns>False when another publisher was first.</returns>
    private static bool TryMove(string stagedPath, string target)
    {
        using (var staged = new FileStream(stagedPath, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete))
        {
            staged.Flush(flushToDisk: true);
        }

        DurableFile.CreateFolder(Path.GetDirectoryName(target)!);
        return DurableFile.TryMoveNew(stagedPath, target);
    }

    /// <summary>Publishing the same content twice is fine: the answer to the first time may have been lost.</summary>
    private static void AcceptAgain(string key, string stagedPath, string target)
    {
        if (!File.Exists(stagedPath))
        {
            return;
        }

        if (Fingerprint(stagedPath) != Fingerprint(target))
        {
            throw new IOException($"The segment store has another file under {key} already: files are written once.");
        }

        File.Delete(stagedPath);
    }

    private void DeleteEmptyFolders(string folder)
    {
        try
        {
            for (; folder.Length > _root.Length && IsEmpty(folder); folder = Path.GetDirectoryName(folder)!)
            {
                Directory.Delete(folder);
            }
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // A publisher has put a file there meanwhile.
        }
    }

    private static bool IsEmpty(string folder) => Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any();

    private static (long Length, UInt128 Hash) Fingerprint(string path)
    {
        using var stream = File.OpenRead(path);
        var hash = new XxHash128();
        hash.Append(stream);
        return (stream.Length, hash.GetCurrentHashAsUInt128());
    }

    private string Resolve(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (Path.IsPathRooted(key) || key.Split('/', '\\').Any(part => part is "" or "." or ".."))
        {
            throw new ArgumentException($"'{key}' is no key of a segment store: expected a relative path with '/'.", nameof(key));
        }

        if (key.StartsWith('.') || key.StartsWith(IdentityFile, StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{key}' is no key of a segment store: its name is the store's own.", nameof(key));
        }

        return Path.Combine(_root, key.Replace('/', Path.DirectorySeparatorChar));
    }
}
