using Splade.Encoding.Tokenizing;

namespace Splade.Training.Data;

/// <summary>Texts as the ids that a network gets.</summary>
internal sealed class TextTokens(ITokenizer tokenizer, int maxDocument, int maxQuery)
{
    /// <summary>With special tokens, cut to the longest document.</summary>
    public int[] Document(string text) => [.. tokenizer.Template.Apply(Pieces(text, maxDocument - tokenizer.Template.Length, out var count), count).Select(id => (int)id)];

    /// <summary>A query that goes through the network.</summary>
    public int[] ModelQuery(string text) => [.. tokenizer.Template.Apply(Pieces(text, maxQuery - tokenizer.Template.Length, out var count), count).Select(id => (int)id)];

    /// <summary>An inference-free query: its pieces, without special tokens.</summary>
    public int[] StaticQuery(string text)
    {
        var pieces = Pieces(text, maxQuery, out var count);
        return [.. pieces.Take(count).Select(p => p.Id).Where(id => !tokenizer.SpecialIds.Contains(id))];
    }

    private List<PieceOccurrence> Pieces(string text, int limit, out int count)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        count = Math.Min(pieces.Count, limit);
        return pieces;
    }
}
