using System.Buffers;
using Splade.Cluster.Protocol;

namespace Splade.Cluster.Ingest;

/// <summary>Rules for names of indices and ids of documents, those of Elasticsearch.</summary>
public static class IndexNames
{
    private const int MaxNameBytes = 255;
    private const int MaxIdBytes = 512;
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\\/*?\"<>| ,#:");

    /// <summary>Null when the name is allowed.</summary>
    public static ErrorInfo? Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var problem = name switch
        {
            "" => "must not be empty",
            "." or ".." => "must not be '.' or '..'",
            _ when name[0] is '-' or '_' or '+' => "must not start with '_', '-', or '+'",
            _ when name.AsSpan().IndexOfAny(Forbidden) >= 0 => "must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?, #, :]",
            _ when name.Any(char.IsControl) => "must not contain control characters",
            _ when name.Any(char.IsUpper) => "must be lowercase",
            _ when System.Text.Encoding.UTF8.GetByteCount(name) > MaxNameBytes => $"index name is too long, ({System.Text.Encoding.UTF8.GetByteCount(name)} > {MaxNameBytes})",
            _ => null,
        };
        return problem is null ? null : new ErrorInfo("invalid_index_name_exception", $"Invalid index name [{name}], {problem}", 400);
    }

    /// <summary>Null when the id is allowed.</summary>
    public static ErrorInfo? CheckId(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        var bytes = System.Text.Encoding.UTF8.GetByteCount(id);
        return bytes switch
        {
            0 => new ErrorInfo("illegal_argument_exception", "if _id is specified it must not be empty", 400),
            > MaxIdBytes => new ErrorInfo("illegal_argument_exception", $"id [{id[..40]}...] is too long, must be no longer than {MaxIdBytes} bytes but was: {bytes}", 400),
            _ => null,
        };
    }
}
