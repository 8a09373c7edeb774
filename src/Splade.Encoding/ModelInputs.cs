using System.Collections.Immutable;
using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding;

/// <summary>What a model gets of a text, for showing it.</summary>
internal static class ModelInputs
{
    /// <summary>The ids of a text that is not cut into passages, special tokens included.</summary>
    /// <param name="prompted">With its prompt.</param>
    public static ImmutableArray<TextToken> Of(EncoderSide side, string prompted)
    {
        var template = side.Tokenizer.Template;
        return
        [
            .. template.Prefix.Select(Special),
            .. Pieces(side.Tokenizer, prompted).Take(side.MaxTokens - template.Length),
            .. template.Suffix.Select(Special),
        ];

        TextToken Special(int id) => new(side.Tokenizer.Piece(id), id, 0, 0);
    }

    public static IEnumerable<TextToken> Pieces(ITokenizer tokenizer, string text)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        return pieces.Select(p => new TextToken(tokenizer.Piece(p.Id), p.Id, p.Start, p.End));
    }
}
