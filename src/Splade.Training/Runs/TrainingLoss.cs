using Splade.Training.Data;
using Splade.Training.Losses;

namespace Splade.Training.Runs;

/// <summary>The loss that the options ask for, and the examples that it can use.</summary>
internal static class TrainingLoss
{
    public static SpladeLoss Of(TrainOptions options, bool hasLabels)
    {
        IRankingLoss inBatch = new InBatchNegativesLoss(options.Scale, Directions: options.Contrast);
        IRankingLoss ranking = Kind(options, hasLabels) switch
        {
            LossKind.MarginMse => new MarginMseLoss(),
            LossKind.Kl => new KlDistillationLoss(options.Temperature, options.Temperature),
            LossKind.Mse => new ScoreMseLoss(),
            _ => inBatch,
        };
        if (ranking != inBatch && options.InBatchWeight > 0)
        {
            ranking = new CombinedLoss(ranking, inBatch, options.InBatchWeight);
        }

        return new SpladeLoss(
            ranking,
            new SparsityRegularizer(options.Regularizer, options.DocumentThreshold),
            options.InferenceFree ? null : new SparsityRegularizer(options.QueryRegularizer, options.QueryThreshold));
    }

    public static string Describe(TrainOptions options, bool hasLabels) => Kind(options, hasLabels) switch
    {
        LossKind.MarginMse => "margin-mse",
        LossKind.Kl => "kl",
        LossKind.Mse => "mse",
        _ => "in-batch",
    };

    /// <summary>With a distillation loss only examples with scores and enough negatives; with the in-batch loss negatives that the teacher puts above the positive are dropped.</summary>
    /// <exception cref="TrainingDataException">The loss needs scores and there are none.</exception>
    public static List<TrainingExample> Usable(IReadOnlyList<TrainingExample> examples, TrainOptions options, out bool hasLabels)
    {
        var scored = examples.Where(e => e.Scores is not null && e.Negatives.Count >= options.Negatives).ToList();
        hasLabels = options.Loss switch
        {
            LossKind.Auto => options.Negatives > 0 && scored.Count * 2 > examples.Count,
            LossKind.InBatch => false,
            _ => true,
        };
        if (!hasLabels)
        {
            return [.. examples.Select(WithoutBetterNegatives)];
        }

        if (options.Loss == LossKind.Mse && scored.Exists(e => e.HasMarginsOnly))
        {
            throw new TrainingDataException("--loss mse learns scores, and there are examples that have only margins: take margin-mse or kl.");
        }

        return scored.Count > 0
            ? scored
            : throw new TrainingDataException(
                $"The loss needs teacher scores for examples with {options.Negatives} negatives: give --scored FOLDER=FILE, examples with scores, --cross-encoder or --dense-teacher.");
    }

    private static TrainingExample WithoutBetterNegatives(TrainingExample example) => example.Scores is not { } scores
        ? example
        : example with { Negatives = [.. example.Negatives.Where((_, i) => scores[i + 1] < scores[0])], Scores = null };

    private static LossKind Kind(TrainOptions options, bool hasLabels) => options.Loss == LossKind.Auto ? (hasLabels ? LossKind.Kl : LossKind.InBatch) : options.Loss;
}
