using System.Diagnostics;
using Splade.Encoding;
using Splade.Training.Checkpoints;
using Splade.Training.Data;
using Splade.Training.Export;
using Splade.Training.Native;
using Splade.Training.Networks;
using Splade.Training.Optimization;
using Splade.Training.Plots;
using Splade.Training.Schedules;
using Splade.Training.Steps;
using static TorchSharp.torch;

namespace Splade.Training.Runs;

/// <summary>A training run from texts to a package: vocabulary, masked-language pretraining, SPLADE training, export. Resumable at any point.</summary>
internal sealed class TrainingRun(RunFolder folder, TrainOptions options, IRunProgress progress)
{
    /// <summary>A piece's own logit starts near 2, those of other pieces near 0.</summary>
    private const double FreshDecoderBias = -1;

    /// <summary>Terms of a document, on average, from which on a model is hardly sparse.</summary>
    private const double ManyTerms = 300;

    /// <exception cref="TrainingDataException">The data or the checkpoint can't be used.</exception>
    /// <exception cref="TorchUnavailableException">libtorch can't be loaded here.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        var (texts, start, examples) = Inputs(cancellationToken);
        using var network = Pretrained(start, texts, out var state, out var checkpoint, cancellationToken);
        using var model = new SpladeModel(
            network, new SpladePooling(PoolingKind.Max, options.DoubleLog), options.InferenceFree ? QueryTable(start, texts, state, checkpoint) : null);
        Train(model, start, examples, state?.Stage == RunStage.Training ? state.Step : 0, checkpoint, cancellationToken);
        network.IsTraining = false;
        PackageWriter.Write(folder.Package, model, start.TokenizerFiles, Math.Min(options.MaxLength, network.Config.Positions));
        ModelCard.Write(
            folder, RunFolder.ToJson(options), RunFolder.ToJson(new TrainOptions()), network.Config.VocabularySize, network.Parameters.Count, options.MaxLength);
        if (options.Text.Length > 0 && !File.Exists(folder.CorpusFile))
        {
            RunFolder.WriteAtomically(folder.CorpusFile, file => CorpusFile.Write(file, texts.Passages()));
        }

        if (File.Exists(folder.MetricsFile))
        {
            MetricsPlot.Write(folder.MetricsFile, folder.Root);
        }

        progress.Message($"model package written to {folder.Package}");
        if (File.Exists(folder.MetricsFile) && MetricsFile.LastTerms(folder.MetricsFile) is > ManyTerms and var terms)
        {
            progress.Message($"its documents have {terms:0} terms on average, which makes indices large and searches slow: prune them (splade tune --data FOLDER --model {folder.Package} shows what that costs), or train with a larger --lambda-d");
        }
    }

    /// <summary>All that comes before SPLADE training, for several runs to share: vocabulary, examples, pretraining.</summary>
    /// <inheritdoc cref="Run"/>
    public void Prepare(CancellationToken cancellationToken)
    {
        var (texts, start, _) = Inputs(cancellationToken);
        Pretrained(start, texts, out _, out _, cancellationToken).Dispose();
    }

    /// <summary>Before anything slow: a mistake in what is given shows at once. A run can be resumed from here on, unless its inputs turn out to be wrong.</summary>
    private (TrainingTexts Texts, StartingPoint Start, List<TrainingExample> Examples) Inputs(CancellationToken cancellationToken)
    {
        options.Validate();
        TorchRuntime.Require();
        set_num_threads(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        var texts = new TrainingTexts(options);
        texts.CheckPaths();
        folder.WriteOptions(options);
        try
        {
            var start = options.From is { } from ? StartingPoint.OfCheckpoint(from) : StartingPoint.OfTexts(folder, options, texts.Passages, progress);
            return options.MaxLength <= start.Config.Positions
                ? (texts, start, Examples(start, cancellationToken))
                : throw new TrainingDataException($"{options.From} reads up to {start.Config.Positions} tokens: give --max-length {start.Config.Positions} or less.");
        }
        catch (TrainingDataException) when (Checkpoint.Find(folder.CheckpointFolder, out _) is null)
        {
            folder.DeleteOptions();
            throw;
        }
    }

    private BertNetwork Pretrained(
        StartingPoint start, TrainingTexts texts, out CheckpointState? state, out string checkpoint, CancellationToken cancellationToken)
    {
        state = Checkpoint.Find(folder.CheckpointFolder, out checkpoint);
        if (state is not null)
        {
            progress.Message($"going on after step {state.Step} of {state.Stage.ToString().ToLowerInvariant()}");
        }

        var network = OpenNetwork(start, state is null ? null : checkpoint);
        progress.Message($"{network.Parameters.Count:N0} parameters, {network.Config.Layers} layers of {network.Config.Hidden}, {start.Tokenizer.VocabularySize} pieces");
        if (state?.Stage != RunStage.Training)
        {
            Pretrain(network, start, texts, state?.Step ?? 0, checkpoint, cancellationToken);
        }

        return network;
    }

    private List<TrainingExample> Examples(StartingPoint start, CancellationToken cancellationToken)
    {
        List<TrainingExample> examples = options.Steps > 0 ? new ExamplePreparation(folder, options, start.Tokenizer, progress).Prepare(cancellationToken) : [];
        if (examples.Count > 0)
        {
            new BatchPlan(TrainingLoss.Usable(examples, options, out _), options.Batch, options.Seed).Batch(0);
        }

        return examples;
    }

    private BertNetwork OpenNetwork(StartingPoint start, string? checkpoint)
    {
        manual_seed(options.Seed);
        if (checkpoint is null && start.CheckpointWeights is null)
        {
            return BertNetwork.Create(start.Config, FreshDecoderBias);
        }

        try
        {
            using var weights = checkpoint is null ? start.OpenCheckpoint()! : Checkpoint.OpenWeights(checkpoint);
            var network = EncoderCheckpoint.Load(start.Config, weights, FreshDecoderBias, out var hasHead);
            if (!hasHead)
            {
                progress.Message($"{options.From} is an encoder without a masked-language head: it gets a fresh one, which pretraining (--mlm-steps) fits to it");
            }

            return network;
        }
        catch (ModelPackageException exception)
        {
            throw new TrainingDataException($"The weights can't be loaded: {exception.Message}", exception);
        }
    }

    /// <summary>Document frequencies of the texts; of a checkpoint what has been learned.</summary>
    private static float[] QueryTable(StartingPoint start, TrainingTexts texts, CheckpointState? state, string checkpoint)
    {
        if (state?.Stage == RunStage.Training)
        {
            using var weights = Checkpoint.OpenWeights(checkpoint);
            if (weights.Has(StaticQueries.Parameter))
            {
                return weights.Read(StaticQueries.Parameter, start.Config.VocabularySize);
            }
        }

        var table = new float[start.Config.VocabularySize];
        Data.QueryWeights.OfDocuments(texts.Passages(), start.Tokenizer).CopyTo(table, 0);
        return table;
    }

    private void Pretrain(BertNetwork network, StartingPoint start, TrainingTexts texts, int done, string checkpoint, CancellationToken cancellationToken)
    {
        if (options.MlmSteps == 0)
        {
            return;
        }

        var tokens = new TextTokens(start.Tokenizer, options.MaxLength, options.MaxQueryLength);
        var ids = texts.Passages().Select(tokens.Document).ToArray();
        var batches = new MaskedBatches(ids, start.Tokenizer, start.MaskId, options.MlmBatch, options.Seed);
        using var optimizer = new AdamW(network.Parameters, Groups(network.Parameters, options.MlmRate));
        if (done > 0)
        {
            Checkpoint.ReadOptimizer(checkpoint, optimizer, done);
        }

        var trainer = new MaskedLanguageTrainer(network, optimizer)
        {
            LearningRate = Rates(options.MlmSteps), PeakLearningRate = options.MlmRate, MaximumGradientNorm = options.MaxGradientNorm,
        };
        network.IsTraining = true;
        Loop(RunStage.Pretraining, done, options.MlmSteps, network.Parameters, optimizer, step => trainer.Step(batches.Batch(step), step), cancellationToken);
    }

    private void Train(
        SpladeModel model, StartingPoint start, List<TrainingExample> examples, int done, string checkpoint, CancellationToken cancellationToken)
    {
        if (options.Steps == 0)
        {
            return;
        }

        var usable = TrainingLoss.Usable(examples, options, out var hasLabels);
        progress.Message($"{usable.Count} examples{(hasLabels ? " with teacher scores" : "")}, loss: {TrainingLoss.Describe(options, hasLabels)}");
        if (usable.Count < examples.Count)
        {
            progress.Message($"left out: {examples.Count - usable.Count} examples without scores or with fewer than {options.Negatives} negatives");
        }

        var parameters = model.Network.Parameters;
        using var optimizer = new AdamW(parameters, Groups(parameters, options.Rate));
        if (done > 0)
        {
            Checkpoint.ReadOptimizer(checkpoint, optimizer, done);
        }

        // Queries that run through the network are no longer than it can read.
        var longestQuery = options.InferenceFree ? options.MaxQueryLength : Math.Min(options.MaxQueryLength, start.Config.Positions);
        var batches = new SpladeBatches(usable, start.Tokenizer, options with { MaxQueryLength = longestQuery }, hasLabels);
        var trainer = new SpladeTrainer(model, TrainingLoss.Of(options, hasLabels), optimizer)
        {
            LearningRate = Rates(options.Steps),
            PeakLearningRate = options.Rate,
            MaximumGradientNorm = options.MaxGradientNorm,
            DocumentWeight = WeightSchedule.Of(options.LambdaDocuments, options.Steps, options.RegularizerWarmupShare, options.RegularizerWarmup),
            QueryWeight = WeightSchedule.Of(options.LambdaQueries, options.Steps, options.RegularizerWarmupShare, options.RegularizerWarmup),
        };
        model.Network.IsTraining = true;
        Loop(RunStage.Training, done, options.Steps, parameters, optimizer, step => trainer.Step(batches.Step(step), step), cancellationToken);
    }

    private void Loop(
        RunStage stage, int done, int total, ParameterSet parameters, AdamW optimizer, Func<int, StepReport> run, CancellationToken cancellationToken)
    {
        using var metrics = new MetricsFile(folder.MetricsFile, stage, done);
        progress.Begin(stage.ToString().ToLowerInvariant(), done, total);
        for (var step = done; step < total; step++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Checkpoint.Write(folder.CheckpointFolder, new CheckpointState(stage, step), parameters, optimizer);
                throw new OperationCanceledException(cancellationToken);
            }

            using var scope = NewDisposeScope();

            // Dropout of a step is the same whether or not the run was interrupted before it.
            manual_seed(BatchPlan.HashCode(options.Seed + (int)stage, step));
            var began = Stopwatch.GetTimestamp();
            var report = run(step);
            metrics.Add(stage, step + 1, report, Stopwatch.GetElapsedTime(began));
            progress.Advance(step + 1, report);
            if ((step + 1) % options.CheckpointEvery == 0 || step + 1 == total)
            {
                // After the last step of pretraining the next stage begins with a fresh optimiser.
                var state = stage == RunStage.Pretraining && step + 1 == total ? new CheckpointState(RunStage.Training, 0) : new CheckpointState(stage, step + 1);
                Checkpoint.Write(folder.CheckpointFolder, state, parameters, optimizer);
            }
        }

        progress.End();
    }

    private LearningRateSchedule Rates(int steps) => new((int)(steps * options.WarmupShare), steps);

    private List<ParameterGroup> Groups(ParameterSet parameters, double rate)
    {
        var names = parameters.Select(p => p.Key).Where(n => n != StaticQueries.Parameter).ToArray();
        var groups = new List<ParameterGroup>
        {
            new([.. names.Where(ParameterGroup.IsDecayed)], rate, options.WeightDecay), new([.. names.Where(n => !ParameterGroup.IsDecayed(n))], rate, 0),
        };
        if (parameters.Has(StaticQueries.Parameter))
        {
            groups.Add(new ParameterGroup([StaticQueries.Parameter], options.QueryRate, 0));
        }

        return groups;
    }
}
