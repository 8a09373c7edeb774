namespace Splade.Index.Search;

/// <summary>A document of a segment and its score.</summary>
internal record struct ScoredDocument(double Score, int Document)
{
    /// <summary>That of its id (<see cref="Segments.DocumentRanks"/>), read where scores are equal.</summary>
    public uint Rank;

    /// <summary>Positive doubles are in the order of their bits.</summary>
    public readonly ulong ScoreBits => BitConverter.DoubleToUInt64Bits(Score);

    /// <summary>By score descending, then by rank ascending.</summary>
    public readonly bool IsBefore(in ScoredDocument other) => Score > other.Score || (Score == other.Score && Rank < other.Rank);
}
