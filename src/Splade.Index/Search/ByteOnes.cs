using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Search;

/// <summary>What the ones of a byte are, by table: how many there are is a branch that can't be predicted.</summary>
internal static class ByteOnes
{
    /// <summary>For each byte the places of its ones, the first in the lowest byte.</summary>
    public static readonly ulong[] Places = Table((bit, _) => bit);

    /// <summary>For each byte the zeros below each of its ones, the first in the lowest byte.</summary>
    public static readonly ulong[] ZerosBelow = Table((bit, one) => bit - one);

    /// <summary>For each byte and each of its bits how many ones are below it, and where the bit is a zero a number above 127, by which a shuffle of bytes gives 0.</summary>
    public static readonly ulong[] OnesBelow = OnesBelowEach();

    private const ulong EachByte = 0x0101_0101_0101_0101;

    /// <summary>64 bytes that are all ones where a bit is. Needs AVX-512.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Mask(ulong bits) =>
        ~Vector512.Equals(Avx512BW.Shuffle(Vector512.Create(bits).AsByte(), ByteOfBit) & Vector512.Create(0x8040_2010_0804_0201ul).AsByte(), Vector512<byte>.Zero);

    private static Vector512<byte> ByteOfBit => Vector512.Create(0, EachByte, EachByte * 2, EachByte * 3, EachByte * 4, EachByte * 5, EachByte * 6, EachByte * 7).AsByte();

    private static ulong[] OnesBelowEach()
    {
        var table = new ulong[256];
        for (var bits = 0; bits < table.Length; bits++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var below = (bits >> bit & 1) != 0 ? BitOperations.PopCount((uint)bits & ((1u << bit) - 1)) : 0x80;
                table[bits] |= (ulong)below << (8 * bit);
            }
        }

        return table;
    }

    private static ulong[] Table(Func<int, int, int> value)
    {
        var table = new ulong[256];
        for (var bits = 0; bits < table.Length; bits++)
        {
            for (int bit = 0, one = 0; bit < 8; bit++)
            {
                if ((bits >> bit & 1) != 0)
                {
                    table[bits] |= (ulong)value(bit, one) << (8 * one);
                    one++;
                }
            }
        }

        return table;
    }
}
