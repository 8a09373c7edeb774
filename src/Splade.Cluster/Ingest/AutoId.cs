using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Splade.Cluster.Ingest;

/// <summary>Ids for documents that come without one: 20 URL-safe characters, a time and randomness.</summary>
internal static class AutoId
{
    public static string New(TimeProvider time)
    {
        Span<byte> bytes = stackalloc byte[15];
        RandomNumberGenerator.Fill(bytes);
        Span<byte> milliseconds = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(milliseconds, time.GetUtcNow().ToUnixTimeMilliseconds());
        milliseconds[2..].CopyTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
