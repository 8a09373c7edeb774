using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Splade.Index.Search;

/// <summary>Vector widths that the hot loops have a path for.</summary>
internal enum SimdLevel
{
    Scalar,
    Vector256,
    Vector512,
}

/// <summary>
/// The widest path to take. Tests set it, to run every path: what the machine lacks is emulated by the runtime, so that results are the same.
/// </summary>
internal static class Simd
{
    public static SimdLevel Level { get; set; } =
        Vector512.IsHardwareAccelerated ? SimdLevel.Vector512 : Vector256.IsHardwareAccelerated ? SimdLevel.Vector256 : SimdLevel.Scalar;

    /// <summary>Whether chosen numbers of a vector can be moved together.</summary>
    public static bool CanCompress => Level == SimdLevel.Vector512 && Avx512Vbmi2.IsSupported;
}
