namespace Splade.Encoding.Tokenizing;

/// <summary>Cuts a text into pieces of a vocabulary. Safe for concurrent use.</summary>
public interface ITokenizer
{
    int VocabularySize { get; }

    /// <summary>Ids put before and after the pieces of every text ([CLS] and [SEP]).</summary>
    int StartId { get; }

    /// <inheritdoc cref="StartId"/>
    int EndId { get; }

    int PaddingId { get; }

    /// <summary>Ids of special tokens, which are no pieces of text.</summary>
    IReadOnlySet<int> SpecialIds { get; }

    /// <summary>Text of a piece, <c>##</c> included; unique and never empty.</summary>
    string Piece(int id);

    /// <summary>Appends the pieces of a text, without start and end.</summary>
    void Encode(string text, List<PieceOccurrence> pieces);
}

/// <summary>A piece and its [start, end) in UTF-16 code units of the text.</summary>
public readonly record struct PieceOccurrence(int Id, int Start, int End);
