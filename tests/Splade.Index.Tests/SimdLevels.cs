using Splade.Index.Search;

namespace Splade.Index.Tests;

/// <summary>Tests that set <see cref="Simd.Level"/>, which is one for the process, or that another level would disturb: they run one after another.</summary>
[CollectionDefinition(Name)]
public static class SimdLevels
{
    public const string Name = "SIMD levels";

    internal static void ForEach(Action test)
    {
        var before = Simd.Level;
        try
        {
            foreach (var level in Enum.GetValues<SimdLevel>())
            {
                Simd.Level = level;
                test();
            }
        }
        finally
        {
            Simd.Level = before;
        }
    }
}
