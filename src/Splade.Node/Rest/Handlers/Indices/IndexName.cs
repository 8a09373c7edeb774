using Splade.Cluster.Ingest;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Handlers.Indices;

/// <summary>What an index may be called, as an error of the API.</summary>
internal static class IndexName
{
    /// <exception cref="RestException">invalid_index_name_exception</exception>
    public static void Check(string name)
    {
        if (IndexNames.Check(name) is { } error)
        {
            throw new RestException(RestErrors.Of(error) with { Details = [("index_uuid", "_na_"), ("index", name)] });
        }
    }
}
