using System.Collections.Immutable;
using Splade.Index;

namespace Splade.Cluster.Protocol.Search;

/// <summary>How thoroughly the leaves of a search work, and what they tell of it.</summary>
/// <param name="BoundScale">Above 0; 1 is exact, less skips what is unlikely to hold a hit.</param>
/// <param name="MaxSuperblocks">Superblocks to score at most in each segment; null for no limit.</param>
/// <param name="CountLimit">Matches are counted up to here in each shard; 0 counts nothing.</param>
/// <param name="Profile">Tell what each shard did.</param>
public sealed record SearchMode(double BoundScale, int? MaxSuperblocks, long CountLimit, bool Profile)
{
    /// <summary>Exact, everything counted.</summary>
    public static SearchMode Exact { get; } = new(1.0, null, long.MaxValue, false);
}

/// <summary>How the search of some shards went.</summary>
/// <param name="TotalIsLowerBound">More than the total may match.</param>
/// <param name="TimedOut">The deadline ended a search, whose best hits so far are there.</param>
/// <param name="TerminatedEarly">The budget of superblocks ended a search.</param>
/// <param name="Profiles">One for each shard that was searched, if asked for.</param>
public sealed record LeafWork(bool TotalIsLowerBound, bool TimedOut, bool TerminatedEarly, ImmutableArray<ShardProfile> Profiles);

/// <summary>What the search of one shard did.</summary>
/// <param name="ShardOrdinal">Position in <see cref="LeafSearch.Shards"/>.</param>
/// <param name="QueryType">Kind of the query.</param>
/// <param name="Description">The query, in short.</param>
/// <param name="Nanoseconds">Time of the search, without waiting for its turn.</param>
/// <param name="Segments">Segments of the shard's view.</param>
/// <param name="ExhaustiveSegments">Those in which nothing was skipped.</param>
/// <param name="Postings">Postings that were added to scores.</param>
/// <param name="Superblocks">Superblocks that were scored.</param>
/// <param name="AllSuperblocks">Superblocks of all segments.</param>
/// <param name="Blocks">Blocks of the bounds in the superblocks that were scored.</param>
/// <param name="End">Why it ended.</param>
public sealed record ShardProfile(
    int ShardOrdinal,
    string QueryType,
    string Description,
    long Nanoseconds,
    int Segments,
    int ExhaustiveSegments,
    long Postings,
    long Superblocks,
    long AllSuperblocks,
    long Blocks,
    SearchEnd End);
