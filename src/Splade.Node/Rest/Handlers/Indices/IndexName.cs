using System.Text;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Handlers.Indices;

/// <summary>What an index may be called.</summary>
internal static class IndexName
{
    private const string Forbidden = "\\/*?\"<>| ,#:";

    /// <exception cref="RestException">invalid_index_name_exception</exception>
    public static void Check(string name)
    {
        var problem = name switch
        {
            "" => "must not be empty",
            "." or ".." => "must not be '.' or '..'",
            _ when name[0] is '-' or '_' or '+' => "must not start with '_', '-', or '+'",
            _ when name.Any(c => Forbidden.Contains(c, StringComparison.Ordinal) || char.IsControl(c)) =>
                "must not contain the following characters ['\\','/','*','?','\"','<','>','|',' ',',','#',':']",
            _ when name.EnumerateRunes().Any(Rune.IsUpper) => "must be lowercase",
            _ when System.Text.Encoding.UTF8.GetByteCount(name) is > 255 and var bytes => $"index name is too long, ({bytes} > 255)",
            _ => null,
        };
        if (problem is not null)
        {
            throw new RestException(new RestError(400, "invalid_index_name_exception", $"Invalid index name [{name}], {problem}")
            {
                Details = [("index_uuid", "_na_"), ("index", name)],
            });
        }
    }
}
