using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// Documents that score as much as the k-th best and are out by their ids. Of binary weights and short queries most that match are such.
/// </summary>
/// <param name="sum">The sum of that score; 0 while it is not known.</param>
/// <param name="rank">The largest rank that is not out.</param>
/// <param name="ranks">Of all documents.</param>
internal readonly unsafe struct TiedDocuments(uint sum, uint rank, DocumentRanks ranks)
{
    /// <summary>The sum that a hit needs at least; 0 while ties are not known.</summary>
    public uint Sum => sum;

    /// <summary>Which of 32 neighbours are out.</summary>
    /// <param name="sums">Theirs.</param>
    /// <param name="document">The first.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Out(uint* sums, int document)
    {
        if (sum == 0)
        {
            return 0;
        }

        var tied = 0u;
        for (var i = 0; i < DocumentRanks.Block; i += Vector256<uint>.Count)
        {
            tied |= Vector256.Equals(Vector256.Load(sums + i), Vector256.Create(sum)).ExtractMostSignificantBits() << i;
        }

        return tied == 0 ? 0 : tied & ranks.LargerThan(rank, document);
    }

    /// <summary>Whether a document is out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsOut(uint itsSum, int document) => itsSum == sum && ranks[document] > rank;
}
