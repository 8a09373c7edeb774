using Splade.Encoding.Tokenizing;
using Splade.Training.Steps;

namespace Splade.Training.Data;

/// <summary>Builds the batches of masked-language-model pretraining; a function of seed and step. Texts of a batch have similar lengths.</summary>
internal sealed class MaskedBatches
{
    private const int WindowBatches = 32;

    private readonly IReadOnlyList<int[]> _texts;
    private readonly ITokenizer _tokenizer;
    private readonly int _maskId;
    private readonly int _batch;
    private readonly int _seed;
    private int _window = -1;
    private int[][] _batches = [];

    /// <param name="texts">Ids with special tokens.</param>
    /// <exception cref="TrainingDataException">Too few of them have a piece that can be predicted.</exception>
    public MaskedBatches(IReadOnlyList<int[]> texts, ITokenizer tokenizer, int maskId, int batch, int seed)
    {
        texts = [.. texts.Where(t => t.Any(id => !tokenizer.SpecialIds.Contains(id)))];
        if (texts.Count < batch)
        {
            throw new TrainingDataException(
                $"{texts.Count} passages with words of the vocabulary can't fill a pretraining batch of {batch}. Give more text or a smaller --mlm-batch.");
        }

        (_texts, _tokenizer, _maskId, _batch, _seed) = (texts, tokenizer, maskId, batch, seed);
    }

    /// <param name="step">0 for the first step.</param>
    public MaskedBatch Batch(int step)
    {
        var windowBatches = Math.Min(WindowBatches, _texts.Count / _batch);
        if (step / windowBatches != _window)
        {
            _window = step / windowBatches;
            _batches = Window(new Random(BatchPlan.HashCode(_seed, _window)), windowBatches);
        }

        var random = new Random(BatchPlan.HashCode(_seed + 1, step));
        return MaskedBatch.Mask(
            [.. _batches[step % windowBatches].Select(i => _texts[i])], _tokenizer.SpecialIds, _maskId, _tokenizer.PaddingId, _tokenizer.VocabularySize, random);
    }

    /// <summary>Random texts, sorted by length, cut to batches, in random order.</summary>
    private int[][] Window(Random random, int batches)
    {
        var chosen = Enumerable.Range(0, batches * _batch).Select(_ => random.Next(_texts.Count)).OrderBy(i => _texts[i].Length).ThenBy(i => i);
        var cut = chosen.Chunk(_batch).ToArray();
        random.Shuffle(cut);
        return cut;
    }
}
