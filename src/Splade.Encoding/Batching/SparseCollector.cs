using Splade.Encoding.Packages;
using Splade.Encoding.Pruning;

namespace Splade.Encoding.Batching;

/// <summary>Sparse vectors: the maximum of each term over the passages, pruned.</summary>
/// <param name="expansionWeight">Factor for terms that the text does not have.</param>
internal sealed class SparseCollector(int texts, EncoderSide side, float expansionWeight, PruneSettings pruning) : IPassageCollector
{
    private readonly TextVector?[] _vectors = new TextVector?[texts];

    /// <summary>In the order of the texts.</summary>
    public EncodedText[] Texts { get; } = new EncodedText[texts];

    public void Begin(int text, int passages, bool truncated) => _vectors[text] = new TextVector(expansionWeight, passages, truncated);

    public void Add(int text, int passage, ReadOnlySpan<float> row, ReadOnlySpan<long> ids)
    {
        var (indices, weights) = SparseRow.Read(row, side.Tokenizer.VocabularySize, side.Weights.Path);
        var vector = _vectors[text]!;
        lock (vector)
        {
            if (!vector.Add(indices, weights, ids))
            {
                return;
            }
        }

        Texts[text] = VectorPruner.Prune(vector.ToText(), pruning);
        _vectors[text] = null;
    }
}
