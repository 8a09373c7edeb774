using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Search;

/// <summary>Instruction sets that the hot loops have a path for.</summary>
internal enum SimdLevel
{
    Scalar,
    Avx2,
    Avx512,
}

/// <summary>The widest path to take. Tests lower it, to run every path.</summary>
internal static class Simd
{
    public static SimdLevel Level { get; set; } =
        Avx512BW.IsSupported ? SimdLevel.Avx512 : Avx2.IsSupported ? SimdLevel.Avx2 : SimdLevel.Scalar;
}
