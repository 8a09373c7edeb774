using System.Collections.Immutable;
using Splade.Cluster.Protocol;

namespace Splade.Node.Rest.Errors;

/// <summary>An error as a client of the REST dialect sees it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">Stable name, e.g. <c>illegal_argument_exception</c>.</param>
internal sealed record RestError(int Status, string Type, string Reason)
{
    /// <summary>Further members beside type and reason: texts and integers.</summary>
    public ImmutableArray<(string Name, object Value)> Details { get; init; } = [];

    /// <summary>What the dialect calls root cause where it differs from the error itself.</summary>
    public ImmutableArray<RestError> RootCauses { get; init; } = [];

    /// <summary>What each shard failed with, where a search failed as a whole.</summary>
    public ImmutableArray<(ShardId Shard, RestError Error)> FailedShards { get; init; } = [];

    /// <summary><c>error</c> is only the reason, as the dialect has it for wrong methods and content types.</summary>
    public bool ReasonOnly { get; init; }

    /// <summary>Headers of the response.</summary>
    public ImmutableArray<(string Name, string Value)> Headers { get; init; } = [];
}
