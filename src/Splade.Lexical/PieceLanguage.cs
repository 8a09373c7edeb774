namespace Splade.Lexical;

/// <summary>In which language a piece is more common.</summary>
internal enum PieceLanguage : byte
{
    /// <summary>No word: numbers, punctuation.</summary>
    None = 0,

    Main = 1,

    Other = 2,
}
