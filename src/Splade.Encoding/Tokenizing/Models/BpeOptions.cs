namespace Splade.Encoding.Tokenizing.Models;

/// <summary>Settings of a byte-pair encoding model, as tokenizer.json has them.</summary>
internal sealed record BpeOptions
{
    /// <summary>For characters that the vocabulary lacks; null drops them.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Neighbouring unknown characters are one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Characters that the vocabulary lacks become pieces of their bytes, <c>&lt;0xE2&gt;</c>.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>A word that is a piece is not merged from its characters.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>Before every character but the first of a word.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>After the last character of a word.</summary>
    public string EndOfWordSuffix { get; init; } = "";
}
