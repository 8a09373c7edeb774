namespace Splade.Encoding.Tokenizing;

/// <summary>Cuts a text into pieces of a vocabulary, with the ids of Hugging Face's fast tokenizer. Safe for concurrent use.</summary>
public interface ITokenizer
{
    /// <summary>Ids are 0 to this minus one, added tokens included. A model may have more outputs than that; they have no piece.</summary>
    int VocabularySize { get; }

    /// <summary>Ids put around the pieces of every text that goes through a model.</summary>
    TokenTemplate Template { get; }

    /// <summary>Fills short rows of a batch; 0 where the vocabulary has no such token.</summary>
    int PaddingId { get; }

    /// <summary>Ids of special tokens, which are no pieces of text.</summary>
    IReadOnlySet<int> SpecialIds { get; }

    /// <summary>Text of a piece as the vocabulary spells it (<c>##ing</c>, <c>Ġthe</c>, <c>▁the</c>); unique and never empty.</summary>
    string Piece(int id);

    /// <summary>
    /// Appends the pieces of a text, whole and without the template. Special tokens that are written out in the text become their ids.
    /// </summary>
    void Encode(string text, List<PieceOccurrence> pieces);

    /// <summary>The text of ids, special tokens left out. What the vocabulary does not tell, such as case, stays lost.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id that the vocabulary does not have.</exception>
    /// <exception cref="NotSupportedException">The tokenizer.json names a decoder that is not supported.</exception>
    string Decode(IEnumerable<int> ids);
}

/// <summary>A piece and its [start, end) in UTF-16 code units of the text.</summary>
public readonly record struct PieceOccurrence(int Id, int Start, int End);
