using System.Buffers.Text;
using System.Security.Cryptography;

namespace Splade.Cluster;

/// <summary>Random ids of 22 URL-safe characters (128 bits).</summary>
internal static class ShortId
{
    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public static string Of(Guid random) => Base64Url.EncodeToString(random.ToByteArray());
}
