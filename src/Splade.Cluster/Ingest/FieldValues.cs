using System.Globalization;
using System.Text.Json;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Ingest;

/// <summary>
/// The one text form of each exact value: what a document indexes and a term query looks for. Throws <see cref="FormatException"/> with the reason.
/// </summary>
internal static class FieldValues
{
    private static readonly string[] DateFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HHK", "yyyy-MM-dd", "yyyy-MM", "yyyy",
    ];

    public static string Canonical(FieldType type, string? format, string text) => type switch
    {
        FieldType.Keyword => text,
        FieldType.Integer => Whole(text, int.MinValue, int.MaxValue),
        FieldType.Long => Whole(text, long.MinValue, long.MaxValue),
        FieldType.Float => Finite((float)Number(text) + 0f).ToString("R", CultureInfo.InvariantCulture),
        FieldType.Double => Finite(Number(text) + 0d).ToString("R", CultureInfo.InvariantCulture),
        FieldType.Boolean => text is "true" or "false" or "" ? (text == "true" ? "true" : "false")
            : throw new FormatException($"Failed to parse value [{text}] as only [true] or [false] are allowed."),
        FieldType.Date => Date(text, format).ToString(CultureInfo.InvariantCulture),
        _ => throw new FormatException($"fields of type [{type}] have no exact values"),
    };

    /// <summary>The text of a JSON scalar.</summary>
    public static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>A text that dynamic mapping takes for a date.</summary>
    public static bool LooksLikeDate(string text) =>
        text.Length >= 10 && text[4] == '-' && text[7] == '-' && char.IsAsciiDigit(text[0]) && TryParseDate(text, out _);

    /// <summary>Milliseconds since 1970 of a date, by strict_date_optional_time or epoch_millis.</summary>
    private static long Date(string text, string? format)
    {
        var formats = (format ?? "strict_date_optional_time||epoch_millis").Split("||");
        foreach (var name in formats)
        {
            switch (name)
            {
                case "epoch_millis" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds):
                    return milliseconds;
                case "epoch_second" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds):
                    return checked(seconds * 1000);
                case "strict_date_optional_time" or "date_optional_time" or "strict_date" or "date" or "strict_date_time" or "date_time"
                    when TryParseDate(text, out var time):
                    return time.ToUnixTimeMilliseconds();
            }
        }

        throw new FormatException($"failed to parse date field [{text}] with format [{string.Join("||", formats)}]");
    }

    private static bool TryParseDate(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    private static string Whole(string text, long min, long max)
    {
        // 3.0 is 3, and 3.7 is cut to 3, as Elasticsearch coerces by default.
        var number = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? whole
            : Math.Truncate(decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) ? d : throw NoNumber(text));
        return number >= min && number <= max
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : throw new FormatException($"Value [{text}] is out of range for an {(max == int.MaxValue ? "integer" : "long")}");
    }

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw NoNumber(text);

    private static float Finite(float number) => float.IsFinite(number) ? number : throw new FormatException("[float] supports only finite values");

    private static double Finite(double number) => double.IsFinite(number) ? number : throw new FormatException("[double] supports only finite values");

    private static FormatException NoNumber(string text) => new($"For input string: \"{text}\"");
}
