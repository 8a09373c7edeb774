using Splade.Training.Losses;
using Splade.Training.Networks;
using Splade.Training.Optimization;
using Splade.Training.Schedules;
using Splade.Training.Steps;
using static TorchSharp.torch;

namespace Splade.Training.Tests;

/// <summary>
/// Whole training steps of random shapes (a batch of one, no or several negatives, texts of one piece beside long ones, padding on either side, thresholds, a
/// regulariser of weight 0, accumulated batches) against an independent computation in float64: losses by its formulas, gradients by its central differences.
/// </summary>
[Collection(TorchTests.Name)]
public sealed class StepReferenceTests
{
    private const double LossTolerance = 2e-5;
    private const double GradientTolerance = 2e-4;
    private const double Difference = 1e-6;
    private static readonly BertConfig Config = new() { VocabularySize = 23, Hidden = 8, Layers = 2, Heads = 2, FeedForward = 12, Positions = 9 };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Loss_and_gradient_are_those_of_float64(int seed)
    {
        var random = new Random(seed);
        using var scope = NewDisposeScope();
        using var model = Model(seed, isStatic: seed % 3 == 0);
        var setup = Setup.Random(random, seed);
        var parts = Enumerable.Range(0, 1 + (seed % 3)).Select(_ => Rows.Random(random, setup, model.HasStaticQueries)).ToArray();
        using var optimizer = new AdamW(model.Network.Parameters, []);
        var trainer = Trainer(model, optimizer, setup);

        var report = trainer.Backward([.. parts.Select(p => p.Batch(random))], 0);

        var weights = model.Network.Parameters.ToDictionary(p => p.Key, p => p.Value.data<float>().Select(v => (double)v).ToArray(), StringComparer.Ordinal);
        Golden.ShouldBeRelativelyNear(report.Loss, Loss(weights, setup, parts), LossTolerance, "loss");
        foreach (var (name, values) in weights)
        {
            // The derivative along a random direction within each tensor.
            var direction = values.Select(_ => (random.NextDouble() * 2) - 1).ToArray();
            var gradient = model.Network.Parameters[name].grad?.data<float>().ToArray() ?? new float[values.Length];
            var actual = gradient.Zip(direction, (g, d) => g * d).Sum();

            // Softmax is invariant to the bias of the keys: differences would only show rounding.
            var expected = name.EndsWith("self.key.bias", StringComparison.Ordinal)
                ? 0
                : (Loss(Moved(Difference), setup, parts) - Loss(Moved(-Difference), setup, parts)) / (2 * Difference);
            var size = Math.Sqrt(gradient.Sum(g => (double)g * g) * direction.Sum(d => d * d));
            actual.ShouldBe(expected, (GradientTolerance * size) + 1e-5, name);

            Dictionary<string, double[]> Moved(double by) =>
                new(weights, StringComparer.Ordinal) { [name] = [.. values.Zip(direction, (v, d) => v + (by * d))] };
        }
    }

    [Fact]
    public void A_text_has_the_same_vector_alone_and_among_longer_ones_with_padding_on_either_side()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var model = Model(5, isStatic: false);
        int[] text = [4, 9, 17];
        var alone = model.Documents(TokenBatch.Of([text], 0));
        Golden.ShouldBeNear(model.Documents(TokenBatch.Of([text, [1, 2, 3, 4, 5, 6, 7]], 0))[0], alone.data<float>().ToArray(), 1e-5, "padded at the end");

        // Positions are counted from the first column, so that only pooling may be compared where padding comes first.
        var states = randn(1, 5, Config.Hidden);
        var mask = tensor(new[] { false, false, true, true, true }).reshape(1, 5);
        var (decoder, bias) = (model.Network.Decoder, model.Network.DecoderBias);
        Golden.ShouldBeNear(
            model.Pooling.Project(states, mask, decoder, bias),
            model.Pooling.Project(states.narrow(1, 2, 3), ones(1, 3, ScalarType.Bool), decoder, bias).data<float>().ToArray(), 1e-6, "padded at the start");
        model.Pooling.Project(states, zeros(1, 5, ScalarType.Bool), decoder, bias).sum().item<float>().ShouldBe(0);
    }

    /// <summary>Clipping, bias correction and decay over some steps whose gradients are given.</summary>
    [Theory]
    [InlineData(null, 0.0)]
    [InlineData(0.5, 0.1)]
    [InlineData(1e6, 0.01)]
    public void Steps_of_the_optimiser_are_those_of_float64(double? clip, double decay)
    {
        using var scope = NewDisposeScope();
        var random = new Random(11);
        using var parameters = new ParameterSet();
        double[][] weights = [Values(6), Values(1), Values(4)];
        string[] names = ["a", "b", "c"];
        for (var i = 0; i < names.Length; i++)
        {
            parameters.Add(names[i], tensor(weights[i].Select(v => (float)v).ToArray()));
        }

        double[] rates = [0.01, 0.003, 0.01];
        double[] decays = [decay, 0, decay];
        using var optimizer = new AdamW(parameters, [.. names.Select((n, i) => new ParameterGroup([n], rates[i], decays[i]))], 0.9, 0.98, 1e-6);
        var moments = weights.Select(w => (Mean: new double[w.Length], Square: new double[w.Length])).ToArray();
        for (var step = 1; step <= 7; step++)
        {
            var gradients = weights.Select(w => Values(w.Length)).ToArray();
            for (var i = 0; i < names.Length; i++)
            {
                parameters[names[i]].grad = tensor(gradients[i].Select(v => (float)v).ToArray());
            }

            var norm = Math.Sqrt(gradients.Sum(g => g.Sum(v => v * v)));
            GradientClipping.Clip(parameters, clip).ShouldBe(norm, 1e-5);
            var share = step / 7.0;
            optimizer.Step(share);
            var factor = clip is { } limit ? Math.Min(1, limit / (norm + 1e-6)) : 1;
            for (var i = 0; i < names.Length; i++)
            {
                for (var j = 0; j < weights[i].Length; j++)
                {
                    var (rate, gradient) = (rates[i] * share, gradients[i][j] * factor);
                    var mean = moments[i].Mean[j] = (0.9 * moments[i].Mean[j]) + (0.1 * gradient);
                    var square = moments[i].Square[j] = (0.98 * moments[i].Square[j]) + (0.02 * gradient * gradient);
                    weights[i][j] -= (rate * decays[i] * weights[i][j])
                        + (rate * (mean / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(square / (1 - Math.Pow(0.98, step))) + 1e-6));
                }

                Golden.ShouldBeNear(parameters[names[i]], weights[i].Select(v => (float)v).ToArray(), 2e-6, $"{names[i]} after step {step}");
            }
        }

        double[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(float)((random.NextDouble() * 4) - 2))];
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_step_that_diverged_changes_no_weight(bool isGradient)
    {
        using var scope = NewDisposeScope();
        using var model = Model(2, isStatic: false);
        var before = model.Network.Decoder.clone();
        using var optimizer = new AdamW(model.Network.Parameters, [new ParameterGroup([.. model.Network.Parameters.Select(p => p.Key)], 0.1, 0)]);
        var trainer = Trainer(model, optimizer, new Setup(LossKind.InBatch, 2, 0, 1, 1, 0, 0, SparsityNorm.Flops, null));
        trainer.Backward([Rows.Random(new Random(1), new Setup(LossKind.InBatch, 2, 0, 1, 1, 0, 0, SparsityNorm.Flops, null), false).Batch(new Random(1))], 0);
        if (isGradient)
        {
            model.Network.DecoderBias.grad = full_like(model.Network.DecoderBias, float.NaN);
        }

        Should.Throw<TrainingDivergedException>(() => trainer.Update(6, isGradient ? 1 : double.NaN)).Message.ShouldContain("step 7");
        (model.Network.Decoder - before).abs().max().item<float>().ShouldBe(0);
    }

    /// <summary>Random weights, large enough that every part of the network bends.</summary>
    private static SpladeModel Model(int seed, bool isStatic)
    {
        manual_seed(seed);
        var network = BertNetwork.Create(Config);
        using (no_grad())
        {
            foreach (var (_, tensor) in network.Parameters)
            {
                tensor.add_(randn(tensor.shape) * 0.4);
            }
        }

        return new SpladeModel(network, new SpladePooling(), isStatic ? [.. Enumerable.Range(0, Config.VocabularySize).Select(i => 0.1f + (i * 0.05f))] : null);
    }

    private static SpladeTrainer Trainer(SpladeModel model, AdamW optimizer, Setup setup)
    {
        IRankingLoss ranking = setup.Kind switch
        {
            LossKind.Kl => new KlDistillationLoss(setup.Temperature, setup.Temperature),
            LossKind.MarginMse => new MarginMseLoss(),
            LossKind.Mse => new ScoreMseLoss(),
            _ => new InBatchNegativesLoss(setup.Scale),
        };
        var regularizer = new SparsityRegularizer(setup.Norm, setup.Threshold);
        return new SpladeTrainer(model, new SpladeLoss(ranking, regularizer, model.HasStaticQueries ? null : regularizer), optimizer)
        {
            LearningRate = new LearningRateSchedule(0, 10), PeakLearningRate = 1e-3, MaximumGradientNorm = 1,
            DocumentWeight = new WeightSchedule(setup.DocumentWeight, null), QueryWeight = new WeightSchedule(setup.QueryWeight, null),
        };
    }

    private static double Loss(Dictionary<string, double[]> weights, Setup setup, Rows[] parts)
    {
        var bert = new DoubleBert(Config, weights);
        return parts.Average(part =>
        {
            var table = weights.GetValueOrDefault(StaticQueries.Parameter);
            var queries = part.Queries.Select(q => table is null ? bert.Document(q) : [.. table.Select((w, j) => q.Contains(j) ? w : 0)]).ToArray();
            var documents = part.Documents.Select(column => column.Select(bert.Document).ToArray()).ToArray();
            var ranking = setup.Kind switch
            {
                LossKind.Kl => DoubleLosses.Kl(queries, documents, part.Labels, setup.Temperature),
                LossKind.MarginMse => DoubleLosses.MarginMse(queries, documents, part.Labels),
                LossKind.Mse => DoubleLosses.Mse(queries, documents, part.Labels),
                _ => DoubleLosses.InBatch(queries, documents, setup.Scale),
            };
            var sparsity = setup.DocumentWeight * DoubleLosses.Sparsity([.. documents.SelectMany(c => c)], setup.Norm, setup.Threshold);
            return ranking + sparsity + (table is null ? setup.QueryWeight * DoubleLosses.Sparsity(queries, setup.Norm, setup.Threshold) : 0);
        });
    }

    private sealed record Setup(
        LossKind Kind, int Batch, int Negatives, double Scale, double Temperature, double DocumentWeight, double QueryWeight, SparsityNorm Norm, int? Threshold)
    {
        public static Setup Random(Random random, int seed)
        {
            LossKind[] kinds = [LossKind.InBatch, LossKind.Kl, LossKind.MarginMse, LossKind.Mse];
            var kind = kinds[seed / 2 % kinds.Length];
            return new Setup(
                kind,
                1 + random.Next(4),
                kind == LossKind.InBatch ? random.Next(3) : 1 + random.Next(3),
                0.2 + random.NextDouble(),
                0.5 + (2 * random.NextDouble()),
                random.Next(3) == 0 ? 0 : 0.1 * random.NextDouble(),
                random.Next(3) == 0 ? 0 : 0.1 * random.NextDouble(),
                random.Next(2) == 0 ? SparsityNorm.Flops : SparsityNorm.L1,
                random.Next(2) == 0 ? null : 8 + random.Next(8));
        }
    }

    private sealed record Rows(int[][] Queries, int[][][] Documents, double[][] Labels)
    {
        public static Rows Random(Random random, Setup setup, bool isStatic)
        {
            int[][] queries = [.. Enumerable.Range(0, setup.Batch).Select(_ => Text())];
            int[][][] documents = [.. Enumerable.Range(0, setup.Negatives + 1).Select(_ => Enumerable.Range(0, setup.Batch).Select(_ => Text()).ToArray())];
            double[][] labels = [.. queries.Select(_ => documents.Select(_ => (double)(float)(random.NextDouble() * 6)).ToArray())];
            return new Rows(isStatic ? [.. queries.Select(q => q[..Math.Min(q.Length, 4)])] : queries, documents, labels);

            int[] Text() => [.. Enumerable.Range(0, 1 + random.Next(Config.Positions)).Select(_ => random.Next(Config.VocabularySize))];
        }

        public SpladeBatch Batch(Random random) => new(
            TokenBatch.Of(Queries, random.Next(Config.VocabularySize)),
            [.. Documents.Select(d => TokenBatch.Of(d, random.Next(Config.VocabularySize)))],
            tensor([.. Labels.SelectMany(l => l).Select(l => (float)l)]).reshape(Labels.Length, Documents.Length));
    }
}
