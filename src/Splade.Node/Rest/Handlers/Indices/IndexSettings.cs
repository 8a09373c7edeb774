using System.Globalization;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Indices;

/// <summary>Settings of an index as a request has them; null for one that it does not name.</summary>
/// <param name="SetRefreshInterval">The request names it; <paramref name="RefreshInterval"/> null then means never.</param>
internal sealed record IndexSettings(int? NumberOfShards, int? NumberOfReplicas, bool SetRefreshInterval, TimeSpan? RefreshInterval)
{
    public const int MaxShards = 1024;

    private static readonly string[] Known = ["index.number_of_shards", "index.number_of_replicas", "index.refresh_interval"];

    public static TimeSpan DefaultRefreshInterval { get; } = TimeSpan.FromSeconds(1);

    public static IndexSettings None { get; } = new(null, null, false, null);

    /// <summary>Reads settings with or without the <c>index.</c> prefix, nested or dotted, numbers or strings.</summary>
    public static IndexSettings Parse(JsonPart settings)
    {
        var result = None;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in Flatten("", settings))
        {
            var key = name.StartsWith("index.", StringComparison.Ordinal) ? name : "index." + name;
            if (!seen.Add(key))
            {
                throw value.Error($"the setting [{key}] is given more than once", "illegal_argument_exception");
            }

            result = key switch
            {
                "index.number_of_shards" => result with { NumberOfShards = Count(key, value, 1, MaxShards, 1) },
                "index.number_of_replicas" => result with { NumberOfReplicas = Count(key, value, 0, 100, 0) },
                "index.refresh_interval" => result with { SetRefreshInterval = true, RefreshInterval = Interval(key, value) },
                _ => throw RestErrors.IllegalArgument($"unknown setting [{key}]{DidYouMean.SuggestOrList(key, Known)}"),
            };
        }

        return result;
    }

    public static string FormatInterval(TimeSpan? interval) => interval is { } time ? TimeValue.Format(time) : "-1";

    private static IEnumerable<(string Name, JsonPart Value)> Flatten(string prefix, JsonPart value) =>
        value.IsObject
            ? value.Members.SelectMany(m => Flatten(prefix.Length == 0 ? m.Name : $"{prefix}.{m.Name}", m.Value))
            : [(prefix, value)];

    private static int Count(string key, JsonPart value, int least, int most, int fallback)
    {
        if (value.IsNull)
        {
            return fallback;
        }

        if (!int.TryParse(value.ScalarText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
        {
            throw RestErrors.IllegalArgument($"Failed to parse value [{value.ScalarText}] for setting [{key}]: it must be an integer");
        }

        return count < least ? throw RestErrors.IllegalArgument($"Failed to parse value [{count}] for setting [{key}] must be >= {least}")
            : count > most ? throw RestErrors.IllegalArgument($"Failed to parse value [{count}] for setting [{key}] must be <= {most}")
            : count;
    }

    private static TimeSpan? Interval(string key, JsonPart value)
    {
        if (value.IsNull)
        {
            return DefaultRefreshInterval;
        }

        var text = value.ScalarText ?? throw RestErrors.IllegalArgument($"[{key}] must be a time value such as [1s], or [-1] for never");
        return text is "-1" ? null : TimeValue.Parse(text, key);
    }
}
