using Splade.Training.Data;
using Splade.Training.Networks;
using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>
/// Which texts each step takes: of similar length, so that little padding is computed, but in random order. Follows from seed and step alone.
/// </summary>
/// <param name="texts">Rows of E for each text, special tokens included.</param>
/// <param name="counted">Whether a row carries weight in a query.</param>
/// <param name="targets">The teacher's vectors, [texts, dimensions].</param>
internal sealed class BagBatches(int[][] texts, bool[] counted, Tensor targets, DistilOptions options)
{
    private const int Window = 4096;
    private int _epoch = -1;
    private int _firstStep;
    private List<int[]> _batches = [];

    /// <param name="step">0 for the first step; steps are asked for in ascending order.</param>
    public BagBatch Batch(int step)
    {
        while (step >= _firstStep + _batches.Count)
        {
            _firstStep += _batches.Count;
            _batches = Plan(++_epoch);
        }

        var chosen = _batches[step - _firstStep];
        var batch = TokenBatch.Of([.. chosen.Select(i => texts[i])], 0);
        var counts = new float[batch.Ids.numel()];
        var length = (int)batch.Ids.shape[1];
        for (var row = 0; row < chosen.Length; row++)
        {
            var text = texts[chosen[row]];
            for (var i = 0; i < text.Length; i++)
            {
                counts[(row * length) + i] = counted[text[i]] ? 1 : 0;
            }
        }

        return new BagBatch(batch, tensor(counts).reshape(batch.Ids.shape), targets.index_select(0, tensor(chosen.Select(i => (long)i).ToArray())));
    }

    private List<int[]> Plan(int epoch)
    {
        var random = new Random(BatchPlan.HashCode(options.Seed, epoch));
        var order = Enumerable.Range(0, texts.Length).ToArray();
        random.Shuffle(order);
        var batches = new List<int[]>();
        foreach (var window in order.Chunk(Window))
        {
            var byLength = window.OrderBy(i => texts[i].Length).ToArray();
            for (var start = 0; start < byLength.Length;)
            {
                var end = start + 1;
                while (end < byLength.Length && end - start < options.BatchTexts && (end - start + 1) * texts[byLength[end]].Length <= options.BatchTokens)
                {
                    end++;
                }

                batches.Add(byLength[start..end]);
                start = end;
            }
        }

        var shuffled = batches.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled];
    }
}

/// <param name="Counts">[batch, sequence]: 1 for pieces that carry weight in a query.</param>
/// <param name="Targets">[batch, dimensions].</param>
internal sealed record BagBatch(TokenBatch Texts, Tensor Counts, Tensor Targets);
