using Splade.Cluster.Api;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>
/// <c>method_parameters</c> of a sparse query: <c>heap_factor</c> (named as in OpenSearch; 1 and more is exact, less is faster and may miss hits) and <c>max_superblocks</c>
/// (groups of 256 documents to score at most in each segment). <c>whole_vectors</c> searches what the field's <c>static_pruning</c> left out as well.
/// </summary>
internal static class MethodParameters
{
    public const string Name = "method_parameters";

    private const string Whole = "whole_vectors";

    /// <summary>Whether what static pruning left out of documents is to be scored too.</summary>
    public static bool WholeVectors(JsonPart body) => body[Name]?[Whole]?.AsBoolean(Whole) ?? false;

    /// <returns>Null where nothing is asked for.</returns>
    public static Approximation? Parse(JsonPart body)
    {
        if (body[Name] is not { } parameters)
        {
            return null;
        }

        if (!parameters.IsObject)
        {
            throw parameters.Error($"[{Name}] must be an object", "illegal_argument_exception");
        }

        parameters.RefuseUnknown(Name, "heap_factor", "max_superblocks", Whole);
        if (parameters["heap_factor"] is null && parameters["max_superblocks"] is null)
        {
            return null;
        }

        var scale = parameters["heap_factor"]?.AsFloat("heap_factor") ?? 1f;
        if (!(scale > 0f))
        {
            throw parameters["heap_factor"]!.Error($"[heap_factor] must be positive, but is [{scale}]", "illegal_argument_exception");
        }

        var most = parameters["max_superblocks"]?.AsInt("max_superblocks");
        return most < 1
            ? throw parameters["max_superblocks"]!.Error($"[max_superblocks] must be at least 1, but is [{most}]", "illegal_argument_exception")
            : new Approximation(Math.Min(scale, 1f), most);
    }
}
