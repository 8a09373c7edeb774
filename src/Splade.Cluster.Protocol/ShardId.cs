using System.Globalization;

namespace Splade.Cluster.Protocol;

/// <summary>
/// One partition of a language group of an index. Its text form <c>wiki.ru.007#uuid</c> is the entity id and the id of the Akka shard;
/// the uuid keeps an index that was deleted and created again apart from its predecessor.
/// </summary>
/// <param name="Index">Name of the index; may contain dots, never a <c>#</c>.</param>
/// <param name="IndexUuid">22 URL-safe characters.</param>
/// <param name="Language">Language group; <c>mul</c> where an index has only one group.</param>
/// <param name="Number">From 0.</param>
public sealed record ShardId(string Index, string IndexUuid, string Language, int Number)
{
    /// <summary>The language group of an index that does not separate languages (ISO 639-2: multiple languages).</summary>
    public const string AllLanguages = "mul";

    /// <summary>The form that people see, e.g. <c>wiki.ru.007</c>.</summary>
    public string DisplayName => string.Create(CultureInfo.InvariantCulture, $"{Index}.{Language}.{Number:000}");

    /// <summary>Key prefix of the shard's files in the segment store.</summary>
    public string StorePrefix => string.Create(CultureInfo.InvariantCulture, $"{IndexUuid}/{Language}.{Number:000}");

    public static ShardId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        var lastDot = hash < 0 ? -1 : text.LastIndexOf('.', hash);
        var languageDot = lastDot <= 0 ? -1 : text.LastIndexOf('.', lastDot - 1);
        if (languageDot <= 0
            || !int.TryParse(text.AsSpan(lastDot + 1, hash - lastDot - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new FormatException($"'{text}' is no shard id: expected index.language.number#uuid.");
        }

        return new ShardId(text[..languageDot], text[(hash + 1)..], text[(languageDot + 1)..lastDot], number);
    }

    public override string ToString() => $"{DisplayName}#{IndexUuid}";
}
