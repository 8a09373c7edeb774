namespace Splade.Encoding.Tokenizing;

/// <summary>Settings of a BERT tokenizer, as tokenizer_config.json and tokenizer.json give them.</summary>
public sealed record WordPieceOptions
{
    public bool LowerCase { get; init; } = true;

    /// <summary>Null: as <see cref="LowerCase"/>.</summary>
    public bool? StripAccents { get; init; }

    public bool SplitChineseCharacters { get; init; } = true;

    public bool CleanText { get; init; } = true;

    /// <summary>Longer words become the unknown token, in code points.</summary>
    public int MaxWordLength { get; init; } = 100;

    public string UnknownToken { get; init; } = "[UNK]";

    public string StartToken { get; init; } = "[CLS]";

    public string EndToken { get; init; } = "[SEP]";

    public string PaddingToken { get; init; } = "[PAD]";

    public string MaskToken { get; init; } = "[MASK]";
}
