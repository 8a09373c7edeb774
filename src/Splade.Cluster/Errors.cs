using Splade.Cluster.Api;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;
using Splade.Index;

namespace Splade.Cluster;

/// <summary>The typed errors of the cluster, in the terms of the REST dialect.</summary>
internal static class Errors
{
    public const string TimeoutType = "timeout_exception";

    /// <summary>Files of a shard are damaged or gone: that does not pass by waiting.</summary>
    public const string DamageType = "corrupt_index_exception";

    public static SearchClusterException NoSuchIndex(string name) => Of("index_not_found_exception", $"no such index [{name}]", 404);

    public static SearchClusterException IndexExists(IndexMetadata index) =>
        Of("resource_already_exists_exception", $"index [{index.Name}/{index.Uuid}] already exists", 400);

    public static SearchClusterException IllegalArgument(string reason) => Of("illegal_argument_exception", reason, 400);

    public static SearchClusterException Document(string reason) => Of("document_parsing_exception", reason, 400);

    public static SearchClusterException Overloaded(string reason) => Of("es_rejected_execution_exception", reason, 429);

    public static SearchClusterException NoSuchModel(string model, IEnumerable<string> known) => Of(
        "resource_not_found_exception", $"Inference endpoint not found [{model}]: models of this cluster are [{string.Join(", ", known)}]", 404);

    /// <summary>It is there, but not yet ready at the deadline of who asks for it.</summary>
    public static SearchClusterException ModelIsLoading(string model) =>
        Timeout($"The model [{model}] is still being loaded by an encoder: try again in a moment.");

    public static SearchClusterException OtherModel(string index, string field, string model, string known, string found) => Of(
        "model_mismatch_exception",
        $"The documents of field [{field}] of index [{index}] were encoded by another model that had the name [{model}], or by this one with other settings for documents (similarity, prompt, pooling, pruning): it was [{known}] and is [{found}] now, and such vectors can't be compared. Index the documents into a new index, or put the former model and settings back under this name.",
        409);

    public static SearchClusterException Timeout(string what) => Of(TimeoutType, what, 504);

    public static SearchClusterException Of(string type, string reason, int status) => new(new ErrorInfo(type, reason, status));

    /// <summary>A search or a read of a shard whose leader can't open it.</summary>
    public static SearchClusterException CanNotOpen(ShardId shard, string problem) =>
        Of("no_shard_available_action_exception", $"[{shard.DisplayName}] the shard can't be opened: {problem}", 503);

    /// <summary>Why a shard can't be opened, and what to do where its files are damaged or missing.</summary>
    public static ErrorInfo Opening(Exception exception) => exception switch
    {
        AggregateException { InnerExceptions.Count: 1 } one => Opening(one.InnerException!),
        SegmentCorruptException or FileNotFoundException or DirectoryNotFoundException => new ErrorInfo(
            DamageType,
            $"{exception.Message} Restore the file from a copy (the shard is then opened within a minute), or delete the index and load it again; a file of a newer format version needs the newer program.",
            500),
        _ => exception.ToErrorInfo(),
    };

    /// <summary>What a failure in the background looks like to a caller.</summary>
    public static ErrorInfo ToErrorInfo(this Exception exception) => exception switch
    {
        SearchClusterException typed => typed.Error,
        AggregateException { InnerExceptions.Count: 1 } one => one.InnerException!.ToErrorInfo(),
        OperationCanceledException => new ErrorInfo(TimeoutType, "The operation was cancelled at its deadline.", 504),
        SegmentCorruptException corrupt => new ErrorInfo(DamageType, corrupt.Message, 500),
        IOException io => new ErrorInfo("io_exception", io.Message, 500),
        _ => new ErrorInfo("exception", $"{exception.GetType().Name}: {exception.Message}", 500),
    };
}
