using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Adds bitmap cells to the sums of a superblock: impacts are moved to the places of their bits, then all sums of the word or byte are added to.</summary>
internal static unsafe class BitmapSums
{
    /// <param name="sums">The superblock's.</param>
    /// <param name="cell">A <see cref="BitmapCell"/>; 64 bytes from its end may be read.</param>
    /// <param name="pairs">Its size.</param>
    /// <param name="weight">The term's weight.</param>
    /// <returns>Postings added; negative when the cell is damaged.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Add(uint* sums, ushort* cell, int pairs, uint weight)
    {
        var count = BitmapCell.Count(cell, pairs);
        if (count < 0)
        {
            return count;
        }

        var impacts = BitmapCell.Impacts(cell);
        if (Simd.CanCompress)
        {
            AddExpanded(sums, (ulong*)cell, impacts, weight);
        }
        else if (Simd.Level != SimdLevel.Scalar)
        {
            AddShuffled(sums, (byte*)cell, impacts, weight);
        }
        else
        {
            AddEach(sums, (ulong*)cell, impacts, weight);
        }

        return count;
    }

    private static void AddExpanded(uint* sums, ulong* words, byte* impacts, uint weight)
    {
        var weights = Vector512.Create(weight);
        for (var word = 0; word < BitmapCell.Words; word++, sums += 64)
        {
            var bits = words[word];
            var spread = Avx512Vbmi2.Expand(Vector512<byte>.Zero, ByteOnes.Mask(bits), Vector512.Load(impacts));
            impacts += BitOperations.PopCount(bits);
            var (lower, upper) = Vector512.Widen(spread);
            var (a, b) = Vector512.Widen(lower);
            var (c, d) = Vector512.Widen(upper);
            (Vector512.Load(sums) + (a * weights)).Store(sums);
            (Vector512.Load(sums + 16) + (b * weights)).Store(sums + 16);
            (Vector512.Load(sums + 32) + (c * weights)).Store(sums + 32);
            (Vector512.Load(sums + 48) + (d * weights)).Store(sums + 48);
        }
    }

    private static void AddShuffled(uint* sums, byte* bits, byte* impacts, uint weight)
    {
        var weights = Vector256.Create(weight);
        var table = ByteOnes.OnesBelow;
        for (var i = 0; i < BitmapCell.BitmapBytes; i++, sums += 8)
        {
            var spread = Vector128.ShuffleNative(Vector128.CreateScalarUnsafe(*(ulong*)impacts).AsByte(), Vector128.CreateScalarUnsafe(table[bits[i]]).AsByte());
            impacts += BitOperations.PopCount((uint)bits[i]);
            var wide = Avx2.IsSupported ? Avx2.ConvertToVector256Int32(spread).AsUInt32() : Vector256.WidenLower(Vector128.WidenLower(spread).ToVector256());
            (Vector256.Load(sums) + (wide * weights)).Store(sums);
        }
    }

    private static void AddEach(uint* sums, ulong* words, byte* impacts, uint weight)
    {
        for (var word = 0; word < BitmapCell.Words; word++, sums += 64)
        {
            for (var bits = words[word]; bits != 0; bits &= bits - 1)
            {
                sums[BitOperations.TrailingZeroCount(bits)] += weight * *impacts++;
            }
        }
    }
}
