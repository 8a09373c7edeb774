using System.Globalization;

namespace Splade.Evaluation.Speed;

/// <summary>How much of mapped files is in memory, as Linux tells in <c>/proc/self/smaps</c>.</summary>
public static class ResidentMemory
{
    private const string Smaps = "/proc/self/smaps";

    /// <summary>Resident bytes of this process's mappings of the files of a folder; 0 on other systems.</summary>
    public static long OfFilesIn(string folder) => File.Exists(Smaps) ? Sum(File.ReadLines(Smaps), folder) : 0;

    /// <param name="lines">A header for each mapping, which ends in its path, then lines such as <c>Rss:  4 kB</c>.</param>
    /// <param name="folder">Full path.</param>
    internal static long Sum(IEnumerable<string> lines, string folder)
    {
        var prefix = folder.TrimEnd('/') + "/";
        var total = 0L;
        var ours = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                total += ours ? 1024 * long.Parse(line.AsSpan(4).TrimEnd("kB ").Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture) : 0;
            }
            else if (line.Length > 0 && line[..Math.Min(line.Length, 20)].Contains('-', StringComparison.Ordinal))
            {
                ours = line.Contains(prefix, StringComparison.Ordinal);
            }
        }

        return total;
    }
}
