using Splade.Encoding.Tokenizing.Normalizers;

namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>The normalizer of a tokenizer.json as a list of steps.</summary>
internal static class NormalizerReader
{
    public static IEnumerable<INormalizer> Read(JsonPart? part, Func<WordPieceOptions, WordPieceOptions> adjustBert)
    {
        if (part is not { } json)
        {
            return [];
        }

        return json.Type switch
        {
            "Sequence" => [.. json.Items("normalizers").SelectMany(n => Read(n, adjustBert))],
            "BertNormalizer" => [new BertNormalizer(adjustBert(Bert(json)))],
            "NFC" => [new UnicodeNormalizer(compose: true, compatible: false)],
            "NFD" => [new UnicodeNormalizer(compose: false, compatible: false)],
            "NFKC" => [new UnicodeNormalizer(compose: true, compatible: true)],
            "NFKD" => [new UnicodeNormalizer(compose: false, compatible: true)],
            "Lowercase" => [new LowerCaseNormalizer()],
            "StripAccents" => [FilterNormalizer.StripAccents()],
            "Nmt" => [FilterNormalizer.Nmt()],
            "Strip" => [new StripNormalizer(json.Flag("strip_left", true), json.Flag("strip_right", true))],
            "Prepend" => [new PrependNormalizer(json.Required("prepend"))],
            "Replace" => [new ReplaceNormalizer(PatternReader.Read(json.RequiredPart("pattern")), json.Required("content"))],
            "Precompiled" => Precompiled(json),
            "ByteLevel" => [new ByteLevelNormalizer()],
            _ => throw json.Unsupported("normalizer"),
        };
    }

    private static WordPieceOptions Bert(JsonPart json) => new()
    {
        CleanText = json.Flag("clean_text", true),
        SplitChineseCharacters = json.Flag("handle_chinese_chars", true),
        StripAccents = json.OptionalFlag("strip_accents"),
        LowerCase = json.Flag("lowercase", true),
    };

    private static INormalizer[] Precompiled(JsonPart json)
    {
        if (json.Text("precompiled_charsmap") is not { Length: > 0 } text)
        {
            return [];
        }

        var bytes = new byte[((text.Length / 4) + 1) * 3];
        return Convert.TryFromBase64String(text, bytes, out var count)
            ? [new PrecompiledNormalizer(new CharacterMap(bytes.AsSpan(0, count)))]
            : throw json.Error("The precompiled_charsmap is no Base64.");
    }
}
