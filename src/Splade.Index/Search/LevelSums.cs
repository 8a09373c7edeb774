using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Search;

/// <summary>What the levels 1 to 3 of a sparser term's bounds are worth in a query.</summary>
internal readonly struct LevelValues(ushort first, ushort second, ushort third)
{
    private readonly ulong _values = ((ulong)first << 16) | ((ulong)second << 32) | ((ulong)third << 48);

    public ushort this[int level] => (ushort)(_values >> (16 * level));

    /// <summary>The four values in the lower bytes of both halves, to be looked up by shuffling bytes.</summary>
    public Vector256<byte> Table => Vector256.Create(_values).AsByte();
}

/// <summary>Sums of sparser terms' bounds, four superblocks a byte of a row: those of the first go to one plane, those of the second to the next, and so on.</summary>
internal static unsafe class LevelSums
{
    private const int Planes = 4;

    /// <param name="rows">Bits of the rows; vectors may be read beyond their end.</param>
    /// <param name="levels">What levels are worth.</param>
    /// <param name="count">Rows.</param>
    /// <param name="stride">Sums of a plane, a multiple of 16.</param>
    /// <param name="planes">What is added to. Sums of no superblock become arbitrary.</param>
    public static void Add(byte** rows, LevelValues* levels, int count, int stride, ushort* planes)
    {
        if (Simd.Level == SimdLevel.Scalar)
        {
            AddScalar(rows, levels, count, stride, planes);
            return;
        }

        var mask = Vector256.Create((ushort)3);
        for (var i = 0; i < stride; i += Vector256<ushort>.Count)
        {
            var a = Vector256.Load(planes + i);
            var b = Vector256.Load(planes + stride + i);
            var c = Vector256.Load(planes + (2 * stride) + i);
            var d = Vector256.Load(planes + (3 * stride) + i);
            for (var t = 0; t < count; t++)
            {
                var row = Widen(Vector128.Load(rows[t] + i));
                var table = levels[t].Table;
                a += LookUp(table, row & mask);
                b += LookUp(table, (row >>> 2) & mask);
                c += LookUp(table, (row >>> 4) & mask);
                d += LookUp(table, row >>> 6);
            }

            a.Store(planes + i);
            b.Store(planes + stride + i);
            c.Store(planes + (2 * stride) + i);
            d.Store(planes + (3 * stride) + i);
        }
    }

    private static void AddScalar(byte** rows, LevelValues* levels, int count, int stride, ushort* planes)
    {
        for (var t = 0; t < count; t++)
        {
            for (var i = 0; i < stride; i++)
            {
                for (var plane = 0; plane < Planes; plane++)
                {
                    planes[(plane * stride) + i] += levels[t][(rows[t][i] >> (2 * plane)) & 3];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Widen(Vector128<byte> bytes)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int16(bytes).AsUInt16();
        }

        var (low, high) = Vector128.Widen(bytes);
        return Vector256.Create(low, high);
    }

    /// <summary>Replaces indices by 16-bit values of a table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> LookUp(Vector256<byte> table, Vector256<ushort> indices)
    {
        // The places of a value's two bytes.
        var places = ((indices * 0x0202) + Vector256.Create((ushort)0x0100)).AsByte();
        return Avx2.IsSupported
            ? Avx2.Shuffle(table, places).AsUInt16()
            : Vector256.Create(Vector128.Shuffle(table.GetLower(), places.GetLower()), Vector128.Shuffle(table.GetUpper(), places.GetUpper())).AsUInt16();
    }
}
