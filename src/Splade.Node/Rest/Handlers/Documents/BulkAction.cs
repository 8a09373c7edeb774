using System.Text.Json;
using Splade.Cluster.Api;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Documents;

/// <summary>An action line of a bulk request.</summary>
/// <param name="Name">The action as sent: the key of its entry in the answer.</param>
internal sealed record BulkAction(string Name, WriteKind Kind, string Index, string? Id)
{
    private static readonly string[] Supported = ["_index", "_id", "op_type", "if_seq_no", "if_primary_term", "require_alias", "retry_on_conflict"];

    private static readonly string[] Unsupported =
        ["routing", "_routing", "pipeline", "version", "version_type", "dynamic_templates", "_source", "require_data_stream", "list_executed_pipelines"];

    public long? IfSeqNo { get; private init; }

    public long? IfPrimaryTerm { get; private init; }

    public int RetryOnConflict { get; private init; }

    public bool RequireAlias { get; private init; }

    /// <summary>A line with the document, or the update, follows.</summary>
    public bool HasSource => Kind != WriteKind.Delete;

    /// <param name="line">The action line.</param>
    /// <param name="number">Its number in the body, from 1.</param>
    /// <param name="defaultIndex">Index of the path.</param>
    /// <exception cref="RestException">The line is malformed: no item can be named, so the whole request fails.</exception>
    public static BulkAction Parse(ReadOnlyMemory<byte> line, int number, string? defaultIndex, bool requireAlias)
    {
        JsonPart root;
        try
        {
            root = JsonBody.Parse(line);
        }
        catch (RestException e)
        {
            throw Malformed(number, $", {e.Error.Reason}");
        }

        if (!root.IsObject)
        {
            throw Malformed(number, $", expected START_OBJECT but found [{root.Kind}]");
        }

        if (root.Members is not [var (name, meta, _)])
        {
            throw Malformed(number, $", expected one action but found [{root.Members.Count}]");
        }

        var kind = name switch
        {
            "index" => WriteKind.Index,
            "create" => WriteKind.Create,
            "update" => WriteKind.Update,
            "delete" => WriteKind.Delete,
            _ => throw Malformed(number, $", expected field [create], [delete], [index] or [update] but found [{name}]"),
        };
        if (!meta.IsObject)
        {
            throw Malformed(number, $", expected START_OBJECT for [{name}] but found [{meta.Kind}]");
        }

        CheckKeys(meta, number);
        var opType = Text(meta, "op_type", number);
        if (opType is not null and not "index" and not "create" || (opType is not null && kind is WriteKind.Update or WriteKind.Delete))
        {
            throw Malformed(number, $", [op_type] of [{opType}] does not fit [{name}]");
        }

        var index = Text(meta, "_index", number) ?? defaultIndex;
        if (string.IsNullOrEmpty(index))
        {
            throw RestErrors.Validation("index is missing");
        }

        var id = Text(meta, "_id", number);
        if (id is null && kind is WriteKind.Update or WriteKind.Delete)
        {
            throw RestErrors.Validation("id is missing");
        }

        // The answer names the operation that was carried out.
        var creates = opType == "create" && kind == WriteKind.Index;
        return new BulkAction(creates ? "create" : name, creates ? WriteKind.Create : kind, index, id)
        {
            IfSeqNo = Number(meta, "if_seq_no", number),
            IfPrimaryTerm = Number(meta, "if_primary_term", number),
            RetryOnConflict = (int)Math.Clamp(Number(meta, "retry_on_conflict", number) ?? 0, 0, 1000),
            RequireAlias = meta["require_alias"] is { IsNull: false } flag ? flag.AsBoolean("require_alias") : requireAlias,
        };
    }

    private static void CheckKeys(JsonPart meta, int number)
    {
        foreach (var (key, value, _) in meta.Members)
        {
            if (Unsupported.Contains(key) && !value.IsNull)
            {
                throw RestErrors.IllegalArgument($"Action/metadata line [{number}] contains [{key}], which is not supported");
            }

            if (!Supported.Contains(key) && !Unsupported.Contains(key))
            {
                throw RestErrors.IllegalArgument($"Action/metadata line [{number}] contains an unknown parameter [{key}]{DidYouMean.Suggest(key, Supported)}");
            }
        }
    }

    private static string? Text(JsonPart meta, string name, int number) => meta[name] switch
    {
        null or { IsNull: true } => null,
        { Kind: JsonValueKind.Object or JsonValueKind.Array } => throw Malformed(number, $", [{name}] must be a string"),
        var value => value.ScalarText,
    };

    private static long? Number(JsonPart meta, string name, int number) => meta[name] switch
    {
        null or { IsNull: true } => null,
        var value => long.TryParse(value.ScalarText, out var parsed) ? parsed : throw Malformed(number, $", [{name}] must be an integer"),
    };

    private static RestException Malformed(int number, string problem) =>
        RestErrors.IllegalArgument($"Malformed action/metadata line [{number}]{problem}");
}
