using Splade.Index;

namespace Splade.Cluster.Protocol.Wire;

internal static class SearchModeMapping
{
    public static SearchMode? ToWire(Search.SearchMode? mode)
    {
        if (mode is null)
        {
            return null;
        }

        var wire = new SearchMode { BoundScale = mode.BoundScale, CountLimit = mode.CountLimit, Profile = mode.Profile };
        if (mode.MaxSuperblocks is { } most)
        {
            wire.MaxSuperblocks = most;
        }

        return wire;
    }

    public static Search.SearchMode? FromWireOrNull(SearchMode? wire) => wire is null
        ? null
        : new Search.SearchMode(wire.BoundScale, wire.HasMaxSuperblocks ? wire.MaxSuperblocks : null, wire.CountLimit, wire.Profile);

    public static LeafWork? ToWire(Search.LeafWork? work)
    {
        if (work is null)
        {
            return null;
        }

        var wire = new LeafWork { TotalIsLowerBound = work.TotalIsLowerBound, TimedOut = work.TimedOut, TerminatedEarly = work.TerminatedEarly };
        wire.Profiles.AddRange(work.Profiles.Select(p => new ShardProfile
        {
            ShardOrdinal = p.ShardOrdinal,
            QueryType = p.QueryType,
            Description = p.Description,
            Nanoseconds = p.Nanoseconds,
            Segments = p.Segments,
            ExhaustiveSegments = p.ExhaustiveSegments,
            Postings = p.Postings,
            Superblocks = p.Superblocks,
            AllSuperblocks = p.AllSuperblocks,
            StoppedEarly = p.End >= SearchEnd.Budget,
            Blocks = p.Blocks,
            End = (int)p.End,
        }));
        return wire;
    }

    public static Search.LeafWork? FromWireOrNull(LeafWork? wire) => wire is null
        ? null
        : new Search.LeafWork(
            wire.TotalIsLowerBound,
            wire.TimedOut,
            wire.TerminatedEarly,
            [.. wire.Profiles.Select(p => new Search.ShardProfile(
                p.ShardOrdinal, p.QueryType, p.Description, p.Nanoseconds, p.Segments, p.ExhaustiveSegments, p.Postings, p.Superblocks, p.AllSuperblocks, p.Blocks, (SearchEnd)p.End))]);
}
