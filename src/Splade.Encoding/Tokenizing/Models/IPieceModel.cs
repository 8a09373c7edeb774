namespace Splade.Encoding.Tokenizing.Models;

/// <summary>Cuts a word into pieces of the vocabulary. Safe for concurrent use.</summary>
internal interface IPieceModel
{
    /// <summary>Appends the pieces of a part of a text with their places in the original. The part is not empty.</summary>
    void Encode(NormalizedText text, int start, int end, List<PieceOccurrence> pieces);
}
