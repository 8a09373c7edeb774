using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest;

/// <summary>How names and wildcards of indices are resolved.</summary>
internal sealed record IndexOptions(bool IgnoreUnavailable, bool AllowNoIndices, bool ExpandOpen, bool ExpandHidden)
{
    public static readonly string[] Parameters = ["ignore_unavailable", "allow_no_indices", "expand_wildcards"];

    public static IndexOptions Default { get; } = new(false, true, true, false);

    public static IndexOptions Of(QueryParameters query) =>
        Expand(
            new IndexOptions(query.Flag("ignore_unavailable"), query.Flag("allow_no_indices", true), true, false),
            query.List("expand_wildcards"));

    public static IndexOptions Expand(IndexOptions options, IReadOnlyList<string>? states)
    {
        if (states is null || states.Count == 0)
        {
            return options;
        }

        if (states.FirstOrDefault(s => s is not ("open" or "closed" or "hidden" or "none" or "all")) is { } unknown)
        {
            throw RestErrors.IllegalArgument($"No valid expand wildcard value [{unknown}]: give some of [open, closed, hidden, none, all]");
        }

        // There are no closed indices; asking for them alone finds none.
        return options with
        {
            ExpandOpen = states.Any(s => s is "open" or "all") || (states.Contains("hidden") && !states.Contains("closed")),
            ExpandHidden = states.Any(s => s is "hidden" or "all"),
        };
    }
}

/// <summary>Names, wildcards, exclusions and lists of indices against the catalog.</summary>
internal static class IndexExpression
{
    public static IndexMetadata Require(CatalogSnapshot catalog, string name) =>
        catalog.Indices.FirstOrDefault(i => i.Name == name) ?? throw RestErrors.IndexNotFound(name);

    /// <summary>Indices in catalog order, each once. Null, <c>_all</c> and <c>*</c> mean all that are not hidden.</summary>
    public static IReadOnlyList<IndexMetadata> Resolve(CatalogSnapshot catalog, string? expression, IndexOptions options)
    {
        var text = string.IsNullOrEmpty(expression) || expression == "_all" ? "*" : expression;
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        var wildcardSeen = false;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var pattern = part == "_all" ? "*" : part;
            if (wildcardSeen && pattern.StartsWith('-'))
            {
                chosen.RemoveWhere(name => Glob.Matches(pattern.AsSpan(1), name));
            }
            else if (Glob.IsPattern(pattern))
            {
                wildcardSeen = true;
                var hidden = options.ExpandHidden || pattern.StartsWith('.');
                var found = catalog.Indices
                    .Where(i => options.ExpandOpen && (hidden || !i.Name.StartsWith('.')) && Glob.Matches(pattern, i.Name))
                    .Select(i => i.Name)
                    .ToArray();
                chosen.UnionWith(found);
                if (found.Length == 0 && !options.AllowNoIndices)
                {
                    throw RestErrors.IndexNotFound(pattern);
                }
            }
            else if (catalog.Indices.Any(i => i.Name == pattern))
            {
                chosen.Add(pattern);
            }
            else if (!options.IgnoreUnavailable)
            {
                throw RestErrors.IndexNotFound(pattern);
            }
        }

        return chosen.Count == 0 && !options.AllowNoIndices
            ? throw RestErrors.IndexNotFound(text)
            : [.. catalog.Indices.Where(i => chosen.Contains(i.Name))];
    }
}
