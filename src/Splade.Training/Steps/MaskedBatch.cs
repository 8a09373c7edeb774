using Splade.Training.Networks;
using static TorchSharp.torch;

namespace Splade.Training.Steps;

/// <summary>Texts with some pieces masked.</summary>
/// <param name="Positions">Places to predict in the rows laid end to end, int64 [predicted].</param>
/// <param name="Targets">Ids of the pieces that were there, int64 [predicted].</param>
internal sealed record MaskedBatch(TokenBatch Texts, Tensor Positions, Tensor Targets)
{
    private const double Share = 0.15;
    private const double Masked = 0.8;
    private const double Random = 0.1;

    /// <summary>
    /// BERT's masking (Devlin et al. 2019): 15 % of the pieces are predicted; of these 80 % become [MASK], 10 % a random piece, 10 % stay.
    /// </summary>
    /// <param name="texts">Ids with special tokens.</param>
    public static MaskedBatch Mask(IReadOnlyList<int[]> texts, IReadOnlySet<int> special, int maskId, int padding, int vocabulary, Random random)
    {
        var length = texts.Max(t => t.Length);
        var changed = new List<int[]>(texts.Count);
        var positions = new List<long>();
        var targets = new List<long>();
        for (var row = 0; row < texts.Count; row++)
        {
            var text = (int[])texts[row].Clone();
            for (var i = 0; i < text.Length; i++)
            {
                if (special.Contains(text[i]) || random.NextDouble() >= Share)
                {
                    continue;
                }

                positions.Add(((long)row * length) + i);
                targets.Add(text[i]);
                var kind = random.NextDouble();
                text[i] = kind < Masked ? maskId : kind < Masked + Random ? random.Next(vocabulary) : text[i];
            }

            changed.Add(text);
        }

        if (positions.Count == 0)
        {
            // Texts of a few pieces may draw none; a batch needs at least one.
            var (row, place) = texts.Select((t, r) => (r, Array.FindIndex(t, id => !special.Contains(id)))).First(p => p.Item2 >= 0);
            positions.Add(((long)row * length) + place);
            targets.Add(texts[row][place]);
            changed[row][place] = maskId;
        }

        return new MaskedBatch(TokenBatch.Of(changed, padding), tensor(positions.ToArray()), tensor(targets.ToArray()));
    }
}
