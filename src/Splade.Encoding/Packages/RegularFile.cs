using System.Runtime.InteropServices;

namespace Splade.Encoding.Packages;

/// <summary>
/// Opens a package's files, and nothing else that may have their names: opening a pipe waits for a writer for ever, a device may never end. Links
/// are followed: the cache of a hub client is made of them.
/// </summary>
internal static partial class RegularFile
{
    private const int FromWorkingFolder = -100;
    private const uint TypeAlone = 1;
    private const uint TypeMask = 0xF000;

    /// <exception cref="ModelPackageException">It is there and is no regular file.</exception>
    /// <exception cref="IOException">It is not there, or can't be opened.</exception>
    public static FileStream Open(string path)
    {
        Check(path);
        return File.OpenRead(path);
    }

    /// <summary>True for a file, false where there is nothing of that name.</summary>
    /// <exception cref="ModelPackageException">There is something that is no regular file.</exception>
    public static bool Exists(string path)
    {
        Check(path);
        return File.Exists(path);
    }

    private static void Check(string path)
    {
        if (Other(path) is { } other)
        {
            throw new ModelPackageException(path, $"This is {other}, where a regular file is expected.");
        }
    }

    /// <summary>What is there instead of a regular file; null for a file or nothing.</summary>
    private static string? Other(string path) =>
        Directory.Exists(path) ? "a folder"
        : !OperatingSystem.IsLinux() ? null
        : GetStatus(FromWorkingFolder, path, 0, TypeAlone, out var status) != 0 ? new FileInfo(path).LinkTarget is { } target ? $"a link to [{target}], which leads nowhere" : null
        : (status.Mode & TypeMask) switch
        {
            0x1000 => "a pipe",
            0x2000 or 0x6000 => "a device",
            0xC000 => "a socket",
            _ => null,
        };

    /// <summary>The kernel's layout is the same on every processor, unlike that of <c>stat</c>.</summary>
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, out Status status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
