using System.Runtime.InteropServices;

namespace Splade.Storage;

/// <summary>Crash-safe file writes: after a return the file is whole on disk under its name, after a crash it is whole or absent.</summary>
public static partial class DurableFile
{
    private const int ReadOnlyDirectory = 0x10000;

    /// <summary>EEXIST.</summary>
    private const int FileExists = 17;

    private const int BufferSize = 1 << 16;

    /// <summary>
    /// Of one huge page. Linux keeps what is written in one piece in one piece of its cache (ext4 since 6.16, xfs since 5.18), so that a mapped file that was
    /// written by huge pages is read by huge pages: a search misses fewer address translations.
    /// </summary>
    private const int HugeBufferSize = 2 * 1024 * 1024;

    /// <summary>Writes a temporary file, flushes it to disk, renames it, and flushes the folder.</summary>
    /// <param name="write">Writes the content; returning false keeps the file from being made.</param>
    /// <param name="expectedBytes">About as many bytes will be written; 0 when few.</param>
    public static bool Write(string path, Func<Stream, bool> write, long expectedBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(write);
        CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var bufferSize = expectedBytes < 2 * HugeBufferSize ? BufferSize : HugeBufferSize;
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            bool keep;
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize))
            {
                keep = write(stream);
                stream.Flush(flushToDisk: true);
            }

            if (keep)
            {
                Move(temporary, path);
            }

            return keep;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Makes a folder with its parents and flushes the entry of each that is new: a file in a folder that a crash loses is lost.</summary>
    public static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        var parent = Path.GetDirectoryName(Path.GetFullPath(folder));
        if (parent is not null)
        {
            CreateFolder(parent);
        }

        Directory.CreateDirectory(folder);
        if (parent is not null)
        {
            FlushFolder(parent);
        }
    }

    /// <summary>Renames a file that is on disk already and flushes the folder that it is in then.</summary>
    public static void Move(string source, string target)
    {
        File.Move(source, target, overwrite: true);
        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
    }

    /// <summary>The same unless the new name is taken: of several that want it, one gets it.</summary>
    /// <returns>False when it is taken.</returns>
    public static bool TryMoveNew(string source, string target)
    {
        // File.Move looks for the target and then renames, and replaces what another process has put there in between; a hard link is made or fails.
        if (!OperatingSystem.IsWindows() && Link(source, target) == 0)
        {
            File.Delete(source);
        }
        else if (!OperatingSystem.IsWindows() && Marshal.GetLastPInvokeError() == FileExists)
        {
            return false;
        }
        else
        {
            try
            {
                // Windows, a file system without hard links, or an error that this tells better.
                File.Move(source, target, overwrite: false);
            }
            catch (IOException) when (File.Exists(target))
            {
                return false;
            }
        }

        FlushFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
        return true;
    }

    /// <summary>Flushes a folder's entries to disk. Nothing to do on Windows, where the file system journals them.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var handle = Open(folder, OperatingSystem.IsLinux() ? ReadOnlyDirectory : 0);
        if (handle < 0)
        {
            throw new IOException($"The folder {folder} can't be opened to flush it: error {Marshal.GetLastPInvokeError()}.");
        }

        try
        {
            if (Fsync(handle) != 0)
            {
                throw new IOException($"The folder {folder} can't be flushed to disk: error {Marshal.GetLastPInvokeError()}.");
            }
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string source, string target);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);
}
