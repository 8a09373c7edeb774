using System.Runtime.InteropServices;

namespace Splade.Index.Segments;

/// <summary>
/// Asks Linux to read mapped files by huge pages (2 MiB instead of 4 KiB), because a search reads from places all over a segment, and each page costs an address
/// translation. Asked for only so much that it can't crowd out other pages: where memory is short, each of the few bytes that are read would bring 2 MiB along.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Smaller files fit into few pages anyway.</summary>
    private const long Smallest = 4 * 1024 * 1024;

    private const int AdviseHugePage = 14;

    private static long _asked;

    /// <summary>Bytes that huge pages are asked for now.</summary>
    public static long Asked => Interlocked.Read(ref _asked);

    /// <summary>As many bytes of all mapped files: half of the memory that this process may have.</summary>
    private static readonly long Most = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>Asks for a mapped file's pages, where the system can do that and there is memory enough. It is a hint: nothing else depends on it.</summary>
    /// <param name="start">Start of the mapping, at a page.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>Bytes that it was asked for, to be given to <see cref="Return"/> when the mapping ends.</returns>
    public static long Ask(byte* start, long length)
    {
        if (!OperatingSystem.IsLinux() || length < Smallest)
        {
            return 0;
        }

        if (Interlocked.Add(ref _asked, length) <= Most && Advise(start, (nuint)length, AdviseHugePage) == 0)
        {
            return length;
        }

        Return(length);
        return 0;
    }

    public static void Return(long length) => Interlocked.Add(ref _asked, -length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);
}
