using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Encoding.Tokenizing;
using Splade.Encoding.Tokenizing.Reading;

namespace Splade.Lexical;

/// <summary>
/// The tokenizer of a model with pairs, as a tokenizer.json of the usual parts: BERT's with every kana apart, as Chinese characters are, and Arabic words
/// without prefixes and endings. That is the light stemmer of Larkey, Ballesteros and Connell ("light10", 2007) as Lucene's Arabic analyzer has it,
/// in replacements. Russian words lose their case endings likewise (Savoy's light stemmer): a vocabulary has few of the forms of a rare word, and its
/// parts must be the same in all of them.
/// </summary>
internal static class LexicalTokenizer
{
    private const string Arabic = "[\u0621-\u064A\u0671]";

    /// <summary>Article, prepositions and conjunction, the first that fits, before at least two letters (the conjunction alone: three).</summary>
    private const string Prefixes =
        $"(?<!{Arabic})(?:(?:\u0627\u0644|\u0648\u0627\u0644|\u0628\u0627\u0644|\u0643\u0627\u0644|\u0641\u0627\u0644|\u0644\u0644)(?={Arabic}{{2}})|\u0648(?={Arabic}{{3}}))";

    /// <summary>Plural, dual, pronoun and adjective endings, one after the other, behind at least two letters.</summary>
    private static readonly string[] Endings =
        ["\u0647\u0627", "\u0627\u0646", "\u0627\u062A", "\u0648\u0646", "\u064A\u0646", "\u064A\u0647", "\u0647", "\u064A"];

    /// <summary>
    /// Endings of Russian nouns and adjectives, the longest that leaves three letters; then what is left of a soft sign or a double n. The clean-up has written short i as i
    /// and io as e already.
    /// </summary>
    private static readonly string[] Russian =
    [
        "(?<=[а-я]{3})(?:иями|оями|иям|иях|оях|ями|оям|оьв|ами|его|ему|ери|ими|ого|ому|ыми|оев|ая|яя|ях|юю|ах|ею|их|ия|ию|ьв|ою|ую|ям|ых|ея|ам|ем|еи|ев|ии|им|ое|ои|ом|ов|ые|ыи|ым|ми|[аеиоуыяь])(?![а-я])",
        "(?<=[а-я]{3})[ьи](?![а-я])",
        "(?<=[а-я]{2}н)н(?![а-я])",
    ];

    /// <summary>Tatweel goes; alef maksura, ta marbuta and alef wasla are written as what they sound like. Hamza and vowel signs are accents, which BERT's clean-up takes off.</summary>
    private static readonly (string From, string To)[] Letters = [("\u0640", ""), ("\u0649", "\u064A"), ("\u0629", "\u0647"), ("\u0671", "\u0627")];

    /// <summary>The file for a vocabulary.</summary>
    public static string Json(IReadOnlyList<string> pieces)
    {
        string[] special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. special.Select(s => new JsonObject
            {
                ["id"] = Id(s), ["content"] = s, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
            })]),
            ["normalizer"] = Normalizer(),
            ["pre_tokenizer"] = PreTokenizer(),
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(Token("[CLS]"), Sequence("A", 0), Token("[SEP]")),
                ["pair"] = new JsonArray(Token("[CLS]"), Sequence("A", 0), Token("[SEP]"), Sequence("B", 1), Token("[SEP]", 1)),
                ["special_tokens"] = new JsonObject { ["[CLS]"] = Special("[CLS]"), ["[SEP]"] = Special("[SEP]") },
            },
            ["decoder"] = new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = new JsonObject(pieces.Select((piece, id) => KeyValuePair.Create(piece, (JsonNode?)id))),
            },
        };
        return json.ToJsonString(LexicalPackage.Indented) + "\n";

        int Id(string piece)
        {
            for (var id = 0; id < pieces.Count; id++)
            {
                if (pieces[id] == piece)
                {
                    return id;
                }
            }

            throw new ArgumentException($"The vocabulary lacks {piece}.", nameof(pieces));
        }

        static JsonObject Token(string token, int type = 0) => new() { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = type } };

        static JsonObject Sequence(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };

        JsonObject Special(string token) => new() { ["id"] = token, ["ids"] = new JsonArray(Id(token)), ["tokens"] = new JsonArray(token) };
    }

    /// <summary>The tokenizer that reads the file.</summary>
    public static ITokenizer Open(IReadOnlyList<string> pieces)
    {
        using var json = JsonDocument.Parse(Json(pieces));
        return TokenizerJsonReader.Read(new JsonPart(json.RootElement, "tokenizer.json"), config: null, special: null);
    }

    /// <summary>What cuts texts into the words that a vocabulary is made of.</summary>
    public static BertWords Words()
    {
        using var normalizer = JsonDocument.Parse(Normalizer().ToJsonString());
        using var preTokenizer = JsonDocument.Parse(PreTokenizer().ToJsonString());
        return new BertWords(
            NormalizerReader.Read(new JsonPart(normalizer.RootElement, "normalizer"), options => options),
            PreTokenizerReader.Read(new JsonPart(preTokenizer.RootElement, "pre_tokenizer"), prefixSpace: null));
    }

    private static JsonObject Normalizer() => new()
    {
        ["type"] = "Sequence",
        ["normalizers"] = new JsonArray(
        [
            new JsonObject { ["type"] = "NFKC" },
            new JsonObject { ["type"] = "BertNormalizer", ["clean_text"] = true, ["handle_chinese_chars"] = true, ["strip_accents"] = null, ["lowercase"] = true },
            .. Letters.Select(l => Replace("String", l.From, l.To)),
            Replace("Regex", Prefixes, ""),
            .. Russian.Select(r => Replace("Regex", r, "")),
            .. Endings.Select(e => Replace("Regex", $"(?<={Arabic}{{2}}){e}(?!{Arabic})", "")),
        ]),
    };

    private static JsonObject PreTokenizer() => new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject { ["type"] = "BertPreTokenizer" },
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = $"[{UnspacedScripts.Kana}]" }, ["behavior"] = "Isolated", ["invert"] = false }),
    };

    private static JsonObject Replace(string kind, string pattern, string content) =>
        new() { ["type"] = "Replace", ["pattern"] = new JsonObject { [kind] = pattern }, ["content"] = content };
}
