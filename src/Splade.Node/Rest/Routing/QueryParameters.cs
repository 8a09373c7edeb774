using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Routing;

/// <summary>The query parameters of a request, typed. A bare flag (<c>?refresh</c>) is true.</summary>
internal sealed class QueryParameters(IReadOnlyDictionary<string, string> values)
{
    /// <summary>Taken by every endpoint.</summary>
    public static readonly string[] Common = ["error_trace", "filter_path", "flat_settings", "format", "human", "pretty"];

    /// <summary>Parameters of the dialect that would change the meaning of a request and have no counterpart here.</summary>
    private static readonly HashSet<string> Unsupported = new(StringComparer.Ordinal)
    {
        "routing", "pipeline", "version_type", "preference", "scroll", "sort", "q", "df", "default_operator", "analyzer", "stored_fields",
        "docvalue_fields", "suggest_field", "terminate_after", "min_score", "search_type", "slices", "track_scores", "request_cache",
    };

    public string? this[string name] => values.GetValueOrDefault(name);

    /// <exception cref="RestException">A parameter that the endpoint does not take.</exception>
    public void RefuseUnknown(Route route, RequestTarget target)
    {
        string[] known = [.. route.Parameters, .. Common];
        var unknown = values.Keys.Where(k => !known.Contains(k)).Order(StringComparer.Ordinal).ToArray();
        if (unknown.Length == 0)
        {
            return;
        }

        if (unknown.Contains("q"))
        {
            throw RestErrors.IllegalArgument(
                $"request [{target.RawPath}] contains the parameter [q], and query strings are not supported: send a body instead, such as {BodyFor(values["q"])}");
        }

        if (Array.Find(unknown, Unsupported.Contains) is { } unsupported)
        {
            throw RestErrors.IllegalArgument($"request [{target.RawPath}] contains the parameter [{unsupported}], which is not supported");
        }

        var list = string.Join(", ", unknown.Select(u => $"[{u}]{DidYouMean.Suggest(u, known, " ->")}"));
        throw RestErrors.IllegalArgument($"request [{target.RawPath}] contains unrecognized parameter{(unknown.Length > 1 ? "s" : "")}: {list}");
    }

    /// <summary>What a query string most likely means, in the words of a body.</summary>
    private static string BodyFor(string text) => text is "*" or "*:*" or ""
        ? """{"query":{"match_all":{}}}"""
        : """{"query":{"semantic":{"field":"FIELD","query":"TEXT"}}} with the name of a semantic_text field, or {"query":{"term":{"FIELD":"VALUE"}}} for an exact value"""
            .Replace("TEXT", JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(), StringComparison.Ordinal);

    public bool Flag(string name, bool fallback = false) => this[name] switch
    {
        null => fallback,
        "" or "true" => true,
        "false" => false,
        var other => throw RestErrors.IllegalArgument($"Failed to parse value [{other}] of [{name}] as only [true] or [false] are allowed."),
    };

    public long? Long(string name) => this[name] switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
        var text => throw RestErrors.IllegalArgument($"Failed to parse long parameter [{name}] with value [{text}]"),
    };

    public int? Int(string name) => this[name] switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
        var text => throw RestErrors.IllegalArgument($"Failed to parse int parameter [{name}] with value [{text}]"),
    };

    /// <summary>Values separated by commas; null when the parameter is absent.</summary>
    public IReadOnlyList<string>? List(string name) =>
        this[name]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public TimeSpan? Time(string name) => this[name] is { } text ? TimeValue.Parse(text, name) : null;

    /// <summary>A write is acknowledged by the leader's journal, so only counts up to one copy can be promised.</summary>
    public void CheckActiveShards()
    {
        if (this["wait_for_active_shards"] is { } text and not ("0" or "1" or "all"))
        {
            throw RestErrors.IllegalArgument($"[wait_for_active_shards] of [{text}] is not supported: a write waits for its leader's journal, give [0], [1] or [all]");
        }
    }

    /// <summary><c>_source</c>, <c>_source_includes</c>, <c>_source_excludes</c>; null when none is there.</summary>
    public SourceFilter? Source()
    {
        var includes = List("_source_includes");
        var excludes = List("_source_excludes");
        return this["_source"] switch
        {
            "false" => SourceFilter.None,
            null or "" or "true" => this["_source"] is null && includes is null && excludes is null
                ? null
                : new SourceFilter(true, includes ?? [], excludes ?? []),
            _ => new SourceFilter(true, [.. List("_source")!, .. includes ?? []], excludes ?? []),
        };
    }
}
