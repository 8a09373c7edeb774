using System.Globalization;
using System.Security.Cryptography;

namespace Splade.Index.Segments;

/// <summary>
/// Names of segments: a number that grows, so that they sort by age, and a random part. Without the latter a writer that opens after a crash
/// between writing a file and naming it in a manifest would give the same name to another content, and so would two writers of a moment.
/// </summary>
internal static class SegmentIds
{
    private const int RandomDigits = 8;

    public static string New(long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:x12}-{RandomNumberGenerator.GetHexString(RandomDigits, lowercase: true)}");

    /// <summary>The number of an id; -1 for an id of another form.</summary>
    public static long Number(string id) =>
        long.TryParse(id.AsSpan(0, id.IndexOf('-') is var dash and >= 0 ? dash : id.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number)
            ? number
            : -1;
}
