using Splade.Evaluation.Collections;

namespace Splade.Benchmarks.Corpora;

/// <summary>A collection whose rows are in memory, or computed when they are read.</summary>
internal sealed class GeneratedVectors(string name, Vocabulary vocabulary, int count, Func<int, SparseVector> rowAt) : VectorReader(name, vocabulary)
{
    public override long? RowCount => count;

    public override IEnumerable<SparseVector> Rows() => Enumerable.Range(0, count).Select(rowAt);
}
