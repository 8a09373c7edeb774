namespace Splade.Training.Data;

/// <summary>
/// Which examples each step takes. Every epoch has its own order; no text is twice in a batch, since a second copy of a positive would count as a
/// wrong answer. All of it follows from seed and step, so that a resumed run goes on with the same batches.
/// </summary>
internal sealed class BatchPlan(IReadOnlyList<TrainingExample> examples, int batchSize, int seed)
{
    private int _epoch = -1;
    private int _firstStep;
    private List<int[]> _batches = [];

    /// <summary>Examples of a step; full batches only.</summary>
    /// <param name="step">0 for the first step.</param>
    public IReadOnlyList<int> Batch(int step)
    {
        if (step < _firstStep)
        {
            (_epoch, _firstStep, _batches) = (-1, 0, []);
        }

        while (step >= _firstStep + _batches.Count)
        {
            _firstStep += _batches.Count;
            _batches = Plan(++_epoch);
        }

        return _batches[step - _firstStep];
    }

    private List<int[]> Plan(int epoch)
    {
        var order = Enumerable.Range(0, examples.Count).ToArray();
        new Random(HashCode(seed, epoch)).Shuffle(order);
        var waiting = new LinkedList<int>(order);
        var batches = new List<int[]>();
        while (Take(waiting) is { } batch)
        {
            batches.Add(batch);
        }

        return batches.Count > 0
            ? batches
            : throw new TrainingDataException(
                $"{examples.Count} examples can't fill a batch of {batchSize} different queries and documents. Give more data or a smaller --batch.");
    }

    /// <summary>The first examples that share no text; those that do wait for the next batch. Null when they don't fill one.</summary>
    private int[]? Take(LinkedList<int> waiting)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        var batch = new List<int>(batchSize);
        for (var node = waiting.First; node is not null && batch.Count < batchSize;)
        {
            var next = node.Next;
            var example = examples[node.Value];
            if (!texts.Contains(example.Query) && !texts.Contains(example.Positive))
            {
                texts.Add(example.Query);
                texts.Add(example.Positive);
                batch.Add(node.Value);
                waiting.Remove(node);
            }

            node = next;
        }

        return batch.Count == batchSize ? [.. batch] : null;
    }

    /// <summary>The same in every process, unlike <see cref="System.HashCode"/>.</summary>
    internal static int HashCode(int seed, int number) => unchecked((seed * 1_000_003) ^ (number * 7_919) ^ (number >> 16));
}
