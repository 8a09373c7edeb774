using Splade.Encoding.Tokenizing;

namespace Splade.Training.Data;

/// <summary>Where the weights of inference-free queries start: inverse document frequencies, ln(1 + (N - n + 0.5) / (n + 0.5)).</summary>
internal static class QueryWeights
{
    /// <returns>A weight for each piece; 0 for special tokens.</returns>
    public static float[] OfDocuments(IEnumerable<string> documents, ITokenizer tokenizer)
    {
        var frequencies = new int[tokenizer.VocabularySize];
        var pieces = new List<PieceOccurrence>();
        var count = 0;
        foreach (var document in documents)
        {
            pieces.Clear();
            tokenizer.Encode(document, pieces);
            count++;
            foreach (var id in pieces.Select(p => p.Id).Distinct())
            {
                frequencies[id]++;
            }
        }

        return [.. frequencies.Select((n, id) => tokenizer.SpecialIds.Contains(id) ? 0f : (float)Math.Log(1 + ((count - n + 0.5) / (n + 0.5))))];
    }
}
