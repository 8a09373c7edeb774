using Splade.Cluster.Api;
using Splade.Cluster.Ingest;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Documents;

/// <summary>What writes have in common: when they are visible, how long they may take, under which condition they happen.</summary>
internal static class WriteOptions
{
    /// <summary>Primary terms count changes of leader in the dialect; the journal fences writers here, so there is one term.</summary>
    public const long PrimaryTerm = 1;

    public static readonly string[] Common = ["refresh", "timeout", "wait_for_active_shards", "require_alias"];

    public static readonly string[] Conditions = ["if_seq_no", "if_primary_term"];

    public static readonly string[] Source = ["_source", "_source_includes", "_source_excludes"];

    public static RefreshPolicy Refresh(QueryParameters query) => query["refresh"] switch
    {
        null or "false" => RefreshPolicy.None,
        "" or "true" => RefreshPolicy.Immediate,
        "wait_for" => RefreshPolicy.WaitFor,
        var other => throw RestErrors.IllegalArgument($"Unknown value for refresh: [{other}]: give [true], [false] or [wait_for]"),
    };

    public static TimeSpan Timeout(QueryParameters query) => query.Time("timeout") ?? TimeSpan.FromMinutes(1);

    /// <summary>The sequence number that a conditional write asks for; null without a condition.</summary>
    public static long? Condition(string id, long? seqNo, long? primaryTerm)
    {
        if (seqNo is null && primaryTerm is null)
        {
            return null;
        }

        if (seqNo is null || primaryTerm is null)
        {
            throw RestErrors.Validation(seqNo is null ? "ifSeqNo is unassigned, but primary term is set" : "ifSeqNo is set, but primary term is [0]");
        }

        if (seqNo < 0)
        {
            throw RestErrors.IllegalArgument($"sequence numbers must be non negative. got [{seqNo}]");
        }

        if (primaryTerm <= 0)
        {
            throw RestErrors.IllegalArgument($"primary term must be positive. got [{primaryTerm}]");
        }

        return primaryTerm == PrimaryTerm
            ? seqNo
            : throw RestErrors.VersionConflict(id, $"required seqNo [{seqNo}], primary term [{primaryTerm}], but every document here has primary term [{PrimaryTerm}]");
    }

    public static void CheckId(string id)
    {
        if (IndexNames.CheckId(id) is { } error)
        {
            throw new RestException(RestErrors.Of(error));
        }
    }

    /// <summary><c>require_alias</c>: there are no aliases, so no write that asks for one can succeed.</summary>
    public static void CheckAlias(string index, bool requireAlias)
    {
        if (requireAlias)
        {
            throw RestErrors.IndexNotFound(index, $" and [require_alias] request flag is [true] and [{index}] is not an alias");
        }
    }
}
