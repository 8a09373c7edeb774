using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Handlers.Search;

/// <summary>What a search asks for beside its query; parameters of the request win over its body.</summary>
/// <param name="TrackTotal">Count exactly up to this number; null counts all, 0 not at all.</param>
internal sealed record SearchOptions(int From, int Size, long? TrackTotal, SourceFilter Source)
{
    private const int MaxWindow = 10_000;

    private const long DefaultTrackTotal = 10_000;

    public static readonly string[] Parameters =
    [
        .. IndexOptions.Parameters, "from", "size", "_source", "_source_includes", "_source_excludes", "track_total_hits", "explain", "timeout", "version",
        "seq_no_primary_term", "rest_total_hits_as_int", "allow_partial_search_results", "typed_keys", "source", "source_content_type",
    ];

    private static readonly string[] BodyKeys =
        ["query", "from", "size", "_source", "track_total_hits", "explain", "timeout", "version", "seq_no_primary_term", "profile"];

    public bool Explain { get; private init; }

    public bool Profile { get; private init; }

    public bool Version { get; private init; }

    public bool SeqNo { get; private init; }

    public bool TotalAsNumber { get; private init; }

    public bool AllowPartial { get; private init; } = true;

    public TimeSpan? Timeout { get; private init; }

    public static SearchOptions Parse(QueryParameters query, JsonPart? body)
    {
        foreach (var member in body?.Members ?? [])
        {
            if (!BodyKeys.Contains(member.Name))
            {
                throw member.Value.Error(
                    $"unknown or unsupported key [{member.Name}] in the search body{DidYouMean.SuggestOrList(member.Name, BodyKeys)}");
            }
        }

        var asNumber = query.Flag("rest_total_hits_as_int");
        var track = Track(query["track_total_hits"] ?? body?["track_total_hits"]?.ScalarText, asNumber);
        var options = new SearchOptions(
            query.Int("from") ?? body?["from"]?.AsInt("from") ?? 0,
            query.Int("size") ?? body?["size"]?.AsInt("size") ?? 10,
            track,
            query.Source() ?? (body?["_source"] is { } source ? SourceFilter.Parse(source) : SourceFilter.All))
        {
            Explain = Flag(query, body, "explain"),
            Profile = body?["profile"]?.AsBoolean("profile") ?? false,
            Version = Flag(query, body, "version"),
            SeqNo = Flag(query, body, "seq_no_primary_term"),
            TotalAsNumber = asNumber,
            AllowPartial = query.Flag("allow_partial_search_results", true),
            Timeout = (query["timeout"] ?? body?["timeout"]?.AsText("timeout")) is { } time and not "-1" ? TimeValue.Parse(time, "timeout") : null,
        };
        options.CheckWindow();
        return options;
    }

    private void CheckWindow()
    {
        if (From < 0 || Size < 0)
        {
            throw RestErrors.IllegalArgument(From < 0 ? $"[from] parameter cannot be negative but was [{From}]" : $"[size] parameter cannot be negative, found [{Size}]");
        }

        if ((long)From + Size > MaxWindow)
        {
            throw RestErrors.IllegalArgument(
                $"Result window is too large, from + size must be less than or equal to: [{MaxWindow}] but was [{(long)From + Size}]. Ask for fewer hits.");
        }
    }

    private static bool Flag(QueryParameters query, JsonPart? body, string name) =>
        query[name] is not null ? query.Flag(name) : body?[name]?.AsBoolean(name) ?? false;

    private static long? Track(string? text, bool asNumber)
    {
        switch (text)
        {
            case null:
                return asNumber ? null : DefaultTrackTotal;
            case "" or "true":
                return null;
            case "false" or "-1":
                return 0;
        }

        if (!long.TryParse(text, out var limit) || limit < 0)
        {
            throw RestErrors.IllegalArgument($"[track_total_hits] parameter must be positive or equals to -1, true or false, got [{text}]");
        }

        return asNumber
            ? throw RestErrors.IllegalArgument($"[rest_total_hits_as_int] cannot be used if the tracking of total hits is not accurate, got [{text}]")
            : limit;
    }
}
