using Splade.Encoding.Tokenizing;

namespace Splade.Training.Data;

/// <summary>Texts as the ids that a network gets.</summary>
internal sealed class TextTokens(ITokenizer tokenizer, int maxDocument, int maxQuery)
{
    /// <summary>With special tokens, cut to the longest document.</summary>
    public int[] Document(string text) => WithTemplate(text, maxDocument);

    /// <summary>A query that goes through the network.</summary>
    public int[] ModelQuery(string text) => WithTemplate(text, maxQuery);

    /// <summary>An inference-free query: its pieces, without special tokens.</summary>
    public int[] StaticQuery(string text) => [.. Pieces(text, maxQuery).Where(id => !tokenizer.SpecialIds.Contains(id))];

    private int[] WithTemplate(string text, int limit) =>
        [.. tokenizer.Template.Prefix, .. Pieces(text, limit - tokenizer.Template.Length), .. tokenizer.Template.Suffix];

    private IEnumerable<int> Pieces(string text, int limit)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        return pieces.Take(limit).Select(p => p.Id);
    }
}
