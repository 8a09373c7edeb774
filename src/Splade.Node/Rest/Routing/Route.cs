namespace Splade.Node.Rest.Routing;

internal delegate Task<RestResponse> RouteHandler(RestRequest request);

internal enum BodyKind
{
    None = 0,
    Json = 1,

    /// <summary>Lines of JSON. JSON content types are taken as well: some clients send no other.</summary>
    Ndjson = 2,
}

/// <summary>One entry of the API: what the router, the parameter check and the OpenAPI document know of an endpoint.</summary>
/// <param name="Pattern">Path with parts in braces, e.g. <c>/{index}/_doc/{id}</c>.</param>
internal sealed record Route(string[] Methods, string Pattern, string Summary, RouteHandler Handler)
{
    public string[] Parts { get; } = Pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Query parameters beside the common ones.</summary>
    public string[] Parameters { get; init; } = [];

    public BodyKind Body { get; init; }

    /// <summary>Answers text unless JSON is asked for.</summary>
    public bool IsTable { get; init; }

    /// <summary>The index part may begin with an underscore, so that creating such an index gets an error about its name.</summary>
    public bool AnyIndexName { get; init; }

    /// <summary>False for what every node answers, whatever its roles: health and the API's description.</summary>
    public bool NeedsCluster { get; init; } = true;

    /// <summary>Several patterns of one endpoint, separated by bars.</summary>
    public static string[] Paths(string patterns) => patterns.Split(" | ");

    /// <summary>The values of the parts in braces when the path fits, else null.</summary>
    public Dictionary<string, string>? Match(IReadOnlyList<string> path)
    {
        if (path.Count != Parts.Length)
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < Parts.Length; i++)
        {
            if (Parts[i][0] != '{')
            {
                if (Parts[i] != path[i])
                {
                    return null;
                }
            }
            else if (Parts[i] == "{index}" && !AnyIndexName && path[i][0] == '_' && path[i] != "_all")
            {
                return null;
            }
            else
            {
                values[Parts[i][1..^1]] = path[i];
            }
        }

        return values;
    }

    /// <summary>Orders routes that fit the same path: literal parts first, from the left.</summary>
    public string Precedence => string.Concat(Parts.Select(p => p[0] == '{' ? '1' : '0'));
}
