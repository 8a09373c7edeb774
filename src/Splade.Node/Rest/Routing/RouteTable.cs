using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Routing;

/// <summary>All endpoints, and the choice of the one that a request means.</summary>
internal sealed class RouteTable
{
    private readonly Dictionary<int, Route[]> _byLength;

    public RouteTable(IEnumerable<Route> routes)
    {
        Routes = [.. routes];
        _byLength = Routes.GroupBy(r => r.Parts.Length)
            .ToDictionary(g => g.Key, g => g.OrderBy(r => r.Precedence, StringComparer.Ordinal).ToArray());
    }

    public IReadOnlyList<Route> Routes { get; }

    /// <exception cref="RestException">No such path, or not with this method.</exception>
    public (Route Route, Dictionary<string, string> Values) Find(string method, RequestTarget target)
    {
        Route? headByGet = null;
        Dictionary<string, string> headValues = [];
        var allowed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var route in _byLength.GetValueOrDefault(target.Parts.Count, []))
        {
            // An endpoint of that path comes first: then the name is not one that somebody tries to give an index.
            if ((route.AnyIndexName && allowed.Count > 0 && target.Parts[0].StartsWith('_')) || route.Match(target.Parts) is not { } values)
            {
                continue;
            }

            if (route.Methods.Contains(method))
            {
                return (route, values);
            }

            allowed.UnionWith(route.Methods);
            if (method == "HEAD" && headByGet is null && route.Methods.Contains("GET"))
            {
                (headByGet, headValues) = (route, values);
            }
        }

        if (headByGet is not null)
        {
            return (headByGet, headValues);
        }

        throw new RestException(allowed.Count == 0
            ? new RestError(400, "illegal_argument_exception", $"no handler found for uri [{target.Raw}] and method [{method}]")
            : new RestError(405, "method_not_allowed", $"Incorrect HTTP method for uri [{target.Raw}] and method [{method}], allowed: [{string.Join(", ", allowed)}]")
            {
                ReasonOnly = true,
                Headers = [("Allow", string.Join(", ", allowed))],
            });
    }
}
