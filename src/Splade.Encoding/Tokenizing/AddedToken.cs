namespace Splade.Encoding.Tokenizing;

/// <summary>A token on top of a vocabulary, found in the text before anything else is done with it.</summary>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>No piece of text: [CLS] and the like.</summary>
    public bool Special { get; init; } = true;

    /// <summary>One that is written out in a text is ordinary characters (split_special_tokens).</summary>
    public bool OnlyInTemplate { get; init; }

    /// <summary>Found in the normalised text instead of the text as it stands.</summary>
    public bool Normalized { get; init; }

    /// <summary>Swallows white space on its left.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Swallows white space on its right.</summary>
    public bool StripRight { get; init; }

    /// <summary>Not inside of a word.</summary>
    public bool SingleWord { get; init; }
}
