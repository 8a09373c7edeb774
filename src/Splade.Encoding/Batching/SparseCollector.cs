using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;

namespace Splade.Encoding.Batching;

/// <summary>Sparse vectors, pruned: of a text the maximum of each term over its passages, or one of each passage.</summary>
/// <param name="expansionWeight">Factor for terms that the text, or the passage, does not have.</param>
internal sealed class SparseCollector(int texts, EncoderSide side, float expansionWeight, PruneSettings pruning, PassageScoring scoring) : IPassageCollector
{
    private readonly Parts?[] _parts = new Parts?[texts];

    /// <summary>In the order of the texts.</summary>
    public EncodedText[] Texts { get; } = new EncodedText[texts];

    public void Begin(int text, int passages, bool truncated) =>
        _parts[text] = scoring == PassageScoring.Passage ? new Parts(passages, 1, truncated) : new Parts(1, passages, truncated);

    public void Add(int text, int passage, ModelRow row, ReadOnlySpan<long> ids)
    {
        var (indices, weights) = Settled(SparseRow.Read(row, side.Tokenizer.VocabularySize, side.Weights.Path), row.IsVector);
        var parts = _parts[text]!;
        var part = scoring == PassageScoring.Passage ? passage : 0;
        lock (parts)
        {
            var vector = parts.Vectors[part] ??= new TextVector(expansionWeight, parts.PassagesOfVector, parts.Truncated);
            if (!vector.Add(indices, weights, ids))
            {
                return;
            }

            parts.Vectors[part] = null;
            parts.Done[part] = VectorPruner.Prune(vector.ToText(), pruning);
            if (--parts.Left > 0)
            {
                return;
            }
        }

        Texts[text] = parts.ToText();
        _parts[text] = null;
    }

    /// <summary>What the head of a graph does with whole vectors: a graph that gives weights with their indices has no place for it.</summary>
    private (int[] Indices, float[] Weights) Settled((int[] Indices, float[] Weights) entries, bool byGraph)
    {
        if (byGraph)
        {
            return entries;
        }

        if (side.Pooling.ZeroSpecialTokens)
        {
            int[] kept = [.. Enumerable.Range(0, entries.Indices.Length).Where(i => !side.Tokenizer.SpecialIds.Contains(entries.Indices[i]))];
            entries = ([.. kept.Select(i => entries.Indices[i])], [.. kept.Select(i => entries.Weights[i])]);
        }

        return side.Pooling.MaxActive is { } most
            ? VectorPruner.Prune(entries.Indices, entries.Weights, new PruneSettings(PruneType.TopK, most))
            : entries;
    }

    /// <summary>Vectors of one text while its passages come in.</summary>
    private sealed class Parts(int vectors, int passagesOfVector, bool truncated)
    {
        public int Left = vectors;

        public TextVector?[] Vectors { get; } = new TextVector?[vectors];

        public EncodedText[] Done { get; } = new EncodedText[vectors];

        public int PassagesOfVector => passagesOfVector;

        public bool Truncated => truncated;

        public EncodedText ToText() => Done.Length == 1 ? Done[0] : Done[0] with
        {
            TokenCount = Done.Sum(d => d.TokenCount),
            Passages = Done.Length,
            FurtherPassages = [.. Done.Skip(1).Select(d => new PassageVector(d.Indices, d.Weights))],
        };
    }
}
