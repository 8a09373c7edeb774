namespace Splade.Index;

/// <summary>How to search. The default is the exact top k.</summary>
public sealed record SearchOptions
{
    public static SearchOptions Exact { get; } = new();

    /// <summary>
    /// Bounds are multiplied by this before they are compared: 1 is exact; less skips superblocks that are unlikely to hold a hit. What recall it
    /// leaves is in the README of this folder.
    /// </summary>
    public double BoundScale { get; init; } = 1.0;

    /// <summary>
    /// Superblocks of 256 documents to score at most, in each segment; null for no limit. An answer that ran into it says so. Where matches are counted or a
    /// query has no bounds, superblocks are scored in groups, and the limit is looked at after each.
    /// </summary>
    public int? MaxSuperblocks { get; init; }

    /// <summary>When to stop with what has been found, on the clock of <see cref="Environment.TickCount64"/>, in milliseconds; null for no limit.</summary>
    public long? Deadline { get; init; }

    /// <summary>Which documents may be found; null for all. Made by <see cref="IndexReader.Filter(Query, CancellationToken)"/> of the same reader.</summary>
    public DocumentFilter? Filter { get; init; }

    /// <summary>Matching documents are counted up to here; beyond, the total is a lower bound. 0 counts nothing.</summary>
    public long CountLimit { get; init; } = long.MaxValue;

    /// <summary>What a hit must score at least. Lower ones still count as matching.</summary>
    public double MinScore { get; init; }

    /// <summary>
    /// Threads that may share the work in one segment of hundreds of thousands of documents. More than one makes a long search faster while cores are
    /// idle; it does not make more searches a second.
    /// </summary>
    public int Threads { get; init; } = 1;

    /// <summary>Takes the exhaustive path, as a yardstick.</summary>
    public bool Exhaustive { get; init; }

    internal void Validate()
    {
        if (!(BoundScale is > 0 and <= 1))
        {
            throw new ArgumentException($"The bound scale must be above 0 and at most 1, but is {BoundScale}.");
        }

        if (MaxSuperblocks < 1)
        {
            throw new ArgumentException($"At least one superblock must be scored, but the limit is {MaxSuperblocks}.");
        }

        if (double.IsNaN(MinScore))
        {
            throw new ArgumentException("The score that a hit needs is no number.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(CountLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
    }
}

/// <summary>What a search did.</summary>
/// <param name="Postings">Postings that were added to scores.</param>
/// <param name="Superblocks">Superblocks of 256 documents that were scored.</param>
/// <param name="AllSuperblocks">Superblocks of all segments.</param>
/// <param name="ExhaustiveSegments">Segments in which nothing was skipped.</param>
/// <param name="Blocks">Blocks of 64 documents, as bounds have them, in the superblocks that were scored.</param>
/// <param name="End">Why it ended.</param>
public readonly record struct SearchStatistics(
    long Postings, long Superblocks, long AllSuperblocks, int ExhaustiveSegments, long Blocks, SearchEnd End)
{
    /// <summary>A limit ended the search before it was complete.</summary>
    public bool StoppedEarly => End >= SearchEnd.Budget;

    public static SearchStatistics operator +(SearchStatistics a, SearchStatistics b) => new(
        a.Postings + b.Postings,
        a.Superblocks + b.Superblocks,
        a.AllSuperblocks + b.AllSuperblocks,
        a.ExhaustiveSegments + b.ExhaustiveSegments,
        a.Blocks + b.Blocks,
        (SearchEnd)Math.Max((int)a.End, (int)b.End));
}

/// <summary>Why a search ended; of several segments or shards, the highest.</summary>
public enum SearchEnd
{
    /// <summary>Everything was scored.</summary>
    Exhausted = 0,

    /// <summary>No superblock was left whose bound reached what a hit needs.</summary>
    Bounds = 1,

    /// <summary>As many superblocks were scored as <see cref="SearchOptions.MaxSuperblocks"/> allows.</summary>
    Budget = 2,

    /// <summary>Time was up: <see cref="SearchOptions.Deadline"/>.</summary>
    Deadline = 3,
}
