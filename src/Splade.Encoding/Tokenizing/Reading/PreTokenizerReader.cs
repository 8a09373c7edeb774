using System.Text;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>The pre-tokenizer of a tokenizer.json as a list of steps.</summary>
internal static class PreTokenizerReader
{
    /// <param name="prefixSpace">add_prefix_space of tokenizer_config.json, which wins.</param>
    public static IEnumerable<IPreTokenizer> Read(JsonPart? part, bool? prefixSpace)
    {
        if (part is not { } json)
        {
            return [];
        }

        return json.Type switch
        {
            "Sequence" => [.. json.Items("pretokenizers").SelectMany(p => Read(p, prefixSpace))],
            "BertPreTokenizer" => [new BertPreTokenizer()],
            "ByteLevel" => [new ByteLevelPreTokenizer(prefixSpace ?? json.Flag("add_prefix_space", true), json.Flag("use_regex", true))],
            "Metaspace" => [Metaspace(json)],
            "WhitespaceSplit" => [Characters(Rune.IsWhiteSpace, SplitBehavior.Removed)],
            "UnicodeScripts" => [new UnicodeScriptsPreTokenizer()],
            "Whitespace" => [new WhitespacePreTokenizer()],
            "Digits" => [Characters(IsNumber, json.Flag("individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous)],
            "Punctuation" => [Characters(BertCharacters.IsPunctuation, Behavior(json, SplitBehavior.Isolated))],
            "CharDelimiterSplit" => [Delimiter(json)],
            "FixedLength" => [new FixedLengthPreTokenizer(json.Number("length") is var length and not <= 0 ? length ?? 5 : throw json.Error("The length is not positive."))],
            "Split" => [new SplitPreTokenizer(
                new PatternDelimiter(PatternReader.Read(json.RequiredPart("pattern"))), Behavior(json, null), json.Flag("invert"))],
            _ => throw json.Unsupported("pre-tokenizer"),
        };
    }

    /// <summary>Numbers of Unicode 17, which the reference has and the runtime has not all of yet.</summary>
    private static bool IsNumber(Rune rune) => Rune.IsNumber(rune) || rune.Value is (>= 0x11DE0 and <= 0x11DE9) or (>= 0x16FF4 and <= 0x16FF6);

    private static SplitPreTokenizer Characters(Func<Rune, bool> isDelimiter, SplitBehavior behavior) => new(new CharacterDelimiter(isDelimiter), behavior);

    private static SplitPreTokenizer Delimiter(JsonPart json) => Rune.TryGetRuneAt(json.Required("delimiter") + " ", 0, out var delimiter)
        ? Characters(rune => rune == delimiter, SplitBehavior.Removed)
        : throw json.Error("The delimiter is no character.");

    /// <summary>Both spellings: prepend_scheme, and add_prefix_space of older files.</summary>
    private static MetaspacePreTokenizer Metaspace(JsonPart json)
    {
        var replacement = json.Text("replacement") ?? "\u2581";
        if (replacement.Length != 1 || char.IsSurrogate(replacement[0]))
        {
            throw json.Error("The replacement is not one character.");
        }

        var scheme = json.Text("prepend_scheme") switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            null => json.Flag("add_prefix_space", true) ? PrependScheme.Always : PrependScheme.Never,
            var other => throw json.Error($"The prepend_scheme [{other}] is unknown."),
        };
        return new MetaspacePreTokenizer(replacement[0], scheme, json.Flag("split", true));
    }

    private static SplitBehavior Behavior(JsonPart json, SplitBehavior? otherwise)
    {
        var name = json.Text("behavior");
        return Enum.TryParse<SplitBehavior>(name, ignoreCase: true, out var behavior) && Enum.IsDefined(behavior) ? behavior
            : name is null && otherwise is { } standard ? standard
            : throw json.Error($"The behavior [{name}] is unknown.");
    }
}
