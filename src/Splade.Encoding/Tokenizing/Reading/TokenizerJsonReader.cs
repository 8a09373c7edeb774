namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>
/// Reads a tokenizer.json of the "tokenizers" library. Truncation and padding in it are left out: they belong to the caller, in the reference too.
/// </summary>
internal static class TokenizerJsonReader
{
    /// <param name="config">tokenizer_config.json, whose settings win.</param>
    /// <param name="special">special_tokens_map.json.</param>
    /// <exception cref="ArgumentException">A part that is missing, damaged or not supported; the message says where.</exception>
    public static PipelineTokenizer Read(JsonPart json, JsonPart? config, JsonPart? special)
    {
        var (vocabulary, model) = ModelReader.Read(json.RequiredPart("model"));
        var prefixSpace = config?.OptionalFlag("add_prefix_space");
        var post = PostProcessorReader.Read(json.Part("post_processor"), prefixSpace);
        var added = new AddedTokenReader(vocabulary);
        added.AddFast(json.Items("added_tokens"));
        added.AddConfigured(config);
        added.AddConfigured(special);
        var size = Math.Max(vocabulary.Size, added.Tokens.Select(t => t.Id + 1).DefaultIfEmpty().Max());
        if (post.Template.Prefix.Concat(post.Template.Suffix).FirstOrDefault(id => id >= size, -1) is >= 0 and var outside)
        {
            throw json.Error($"The post_processor adds the id {outside}, which no token has.");
        }

        return new PipelineTokenizer(new TokenizerParts
        {
            AddedTokens = added.Tokens,
            Normalizers = [.. NormalizerReader.Read(json.Part("normalizer"), options => Adjust(options, config))],
            PreTokenizers = [.. PreTokenizerReader.Read(json.Part("pre_tokenizer"), prefixSpace)],
            Vocabulary = vocabulary,
            Model = model,
            Template = post.Template,
            Trim = post.Trim,
            PaddingId = Padding(json, config, special, added),
            Decode = DecoderReader.Read(json.Part("decoder")),
        });
    }

    private static WordPieceOptions Adjust(WordPieceOptions options, JsonPart? config) => options with
    {
        LowerCase = config?.OptionalFlag("do_lower_case") ?? options.LowerCase,
        StripAccents = config?.OptionalFlag("strip_accents") ?? options.StripAccents,
        SplitChineseCharacters = config?.OptionalFlag("tokenize_chinese_chars") ?? options.SplitChineseCharacters,
    };

    private static int Padding(JsonPart json, JsonPart? config, JsonPart? special, AddedTokenReader added)
    {
        string?[] names =
        [
            AddedTokenReader.Content(config, "pad_token"), AddedTokenReader.Content(special, "pad_token"), json.Part("padding")?.Text("pad_token"), "[PAD]", "<pad>",
        ];
        return names.Select(added.Find).FirstOrDefault(id => id is not null) ?? 0;
    }
}
