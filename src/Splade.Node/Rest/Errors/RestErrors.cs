using System.Globalization;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol;

namespace Splade.Node.Rest.Errors;

/// <summary>The errors of the dialect, each with its type and status.</summary>
internal static class RestErrors
{
    public static RestException IllegalArgument(string reason) => new(new RestError(400, "illegal_argument_exception", reason));

    public static RestException MapperParsing(string reason) => new(new RestError(400, "mapper_parsing_exception", reason));

    /// <param name="line">From 1.</param>
    /// <param name="column">From 1, in bytes.</param>
    public static RestException Parsing(string reason, int line, int column, string type = "parsing_exception") =>
        new(new RestError(400, type, reason) { Details = [("line", line), ("col", column)] });

    /// <summary>What a request lacks, all of it at once.</summary>
    public static RestException Validation(params string[] problems) =>
        new(new RestError(
            400,
            "action_request_validation_exception",
            "Validation Failed: " + string.Concat(problems.Select((p, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}: {p};")))));

    public static RestException IndexNotFound(string index, string? explanation = null) =>
        new(new RestError(404, "index_not_found_exception", $"no such index [{index}]{explanation}")
        {
            Details = [("resource.type", "index_or_alias"), ("resource.id", index), ("index_uuid", "_na_"), ("index", index)],
        });

    public static RestException BodyRequired() => new(new RestError(400, "parse_exception", "request body is required"));

    public static RestException BodyTooLarge(long limit) =>
        new(new RestError(413, "content_too_large_exception", $"the request body is longer than [{limit}] bytes: send it in parts"));

    public static RestException VersionConflict(string id, string detail) =>
        new(new RestError(409, "version_conflict_engine_exception", $"[{id}]: version conflict, {detail}"));

    public static RestError Of(ErrorInfo error) => new(error.Status, error.Type, error.Reason);

    /// <summary>The typed error of any exception; null for one that nobody foresaw.</summary>
    public static RestError? Of(Exception exception) => exception switch
    {
        RestException e => e.Error,
        SearchClusterException e => Of(e.Error),
        _ => null,
    };
}
