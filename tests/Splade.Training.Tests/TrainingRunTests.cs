using Splade.Encoding;
using Splade.Encoding.Safetensors;
using Splade.Tests;
using Splade.Training.Checkpoints;
using Splade.Training.Data;
using Splade.Training.Networks;
using Splade.Training.Runs;
using static TorchSharp.torch;

namespace Splade.Training.Tests;

/// <summary>Runs from text to package on a tiny collection.</summary>
[Collection(TorchTests.Name)]
public sealed class TrainingRunTests
{
    private static readonly TrainOptions Tiny = new()
    {
        VocabularySize = 300, MlmSteps = 6, MlmBatch = 8, Steps = 14, Batch = 8, MaxLength = 48, Rate = 2e-3, MlmRate = 2e-3, HardNegatives = 4, CheckpointEvery = 4,
        RegularizerColumns = 64, Threads = 1,
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_loss_falls_and_the_package_encodes_as_the_network_does(bool inferenceFree)
    {
        using var folder = new TemporaryFolder();
        var package = Path.Combine(folder.Path, "models", "tiny");
        var options = Tiny with { Text = [TinyTexts.WritePassages(folder.Path)], InferenceFree = inferenceFree, Steps = 30, MlmSteps = 30 };
        var run = new RunFolder(package);
        new TrainingRun(run, options, new SilentProgress()).Run(CancellationToken.None);

        var metrics = MetricsFile.Read(run.MetricsFile).ToArray();
        metrics.Select(m => m.Step).ShouldBe([.. Enumerable.Range(1, 30), .. Enumerable.Range(1, 30)]);
        Mean(metrics, RunStage.Pretraining, last: true).ShouldBeLessThan(0.9 * Mean(metrics, RunStage.Pretraining, last: false));
        Mean(metrics, RunStage.Training, last: true).ShouldBeLessThan(0.9 * Mean(metrics, RunStage.Training, last: false));
        File.ReadAllText(Path.Combine(run.Root, "metrics.svg")).ShouldContain("<svg");
        var terms = metrics.Where(m => m.Stage == RunStage.Training).Average(m => m.Values.GetProperty("document_terms").GetDouble());
        MetricsFile.LastTerms(run.MetricsFile)!.Value.ShouldBe(terms, 1e-6);
        File.ReadAllText(Path.Combine(package, "README.md")).ShouldContain(string.Create(System.Globalization.CultureInfo.InvariantCulture, $", {terms:0} terms a document."));

        using var registry = new ModelRegistry(folder.Path);
        var encoder = registry.Get("tiny");
        string[] texts = [TinyTexts.Passages[3], TinyTexts.Passages[40], "a castle"];
        var encoded = encoder.EncodeDocuments(texts, new EncodingSettings(), CancellationToken.None);
        using var model = Load(run, options, out var tokens);
        using var still = no_grad();
        for (var i = 0; i < texts.Length; i++)
        {
            ShouldBeTheSame(encoded[i], model.Documents(TokenBatch.Of([tokens.Document(texts[i])], 0)));
        }

        var query = TinyTexts.Pairs.First().Query;
        ShouldBeTheSame(
            encoder.EncodeQuery(query, new EncodingSettings(), CancellationToken.None),
            model.Queries(TokenBatch.Of([inferenceFree ? tokens.StaticQuery(query) : tokens.ModelQuery(query)], 0)).relu());
    }

    /// <summary>Stopped within pretraining, at its end, and within training between checkpoints.</summary>
    [Fact]
    public void A_run_that_was_stopped_or_killed_goes_on_bit_by_bit()
    {
        using var folder = new TemporaryFolder();
        var options = Tiny with { Text = [TinyTexts.WritePassages(folder.Path)], Accumulate = 2 };
        var whole = new RunFolder(Path.Combine(folder.Path, "whole"));
        new TrainingRun(whole, options, new SilentProgress()).Run(CancellationToken.None);

        foreach (var stopAfter in new[] { 3, 6, 13 })
        {
            var stopped = new RunFolder(Path.Combine(folder.Path, $"stopped-{stopAfter}"));
            using var stop = new CancellationTokenSource();
            Should.Throw<OperationCanceledException>(() => new TrainingRun(stopped, options, new SilentProgress { Stop = stop, StopAfter = stopAfter }).Run(stop.Token));
            new TrainingRun(stopped, stopped.ReadOptions<TrainOptions>(), new SilentProgress()).Run(CancellationToken.None);
            ShouldBeTheSameRun(stopped, whole);
        }

        // What a kill leaves: the last checkpoint, metrics of steps after it, and half a line.
        var killed = new RunFolder(Path.Combine(folder.Path, "killed"));
        Should.Throw<KilledException>(() => new TrainingRun(killed, options, new SilentProgress { KillAfter = 16 }).Run(CancellationToken.None));
        Checkpoint.Find(killed.CheckpointFolder, out _).ShouldBe(new CheckpointState(RunStage.Training, 8));
        File.AppendAllText(killed.MetricsFile, "{\"stage\":\"train");

        // Killed between the two moves that replace a checkpoint.
        Directory.Move(killed.CheckpointFolder, killed.CheckpointFolder + ".old");
        new TrainingRun(killed, killed.ReadOptions<TrainOptions>(), new SilentProgress()).Run(CancellationToken.None);
        ShouldBeTheSameRun(killed, whole);
    }

    [Fact]
    public void Examples_whose_teacher_scored_no_negatives_get_mined_ones_without_scores()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "scored.jsonl");
        File.WriteAllLines(path, Enumerable.Range(0, 24).Select(i => i % 4 == 0
            ? $$"""{"query": "what is thing {{i}}", "positive": "thing {{i}} is a kind of thing", "negatives": [], "scores": [3]}"""
            : $$"""{"query": "what is thing {{i}}", "positive": "thing {{i}} is a kind of thing", "negatives": ["something else {{i}}"], "scores": [3, 1]}"""));
        var run = new RunFolder(Path.Combine(folder.Path, "run"));
        new TrainingRun(run, Tiny with { Examples = [path], MlmSteps = 0, Steps = 1, Negatives = 1, HardNegatives = 2 }, new SilentProgress()).Run(CancellationToken.None);
        var examples = ExampleFile.Read(run.ExamplesFile).ToArray();
        examples.Select(e => e.Scores?.Length).ShouldBe(Enumerable.Range(0, 24).Select(i => i % 4 == 0 ? null : (int?)2));
        examples.ShouldAllBe(e => e.Negatives.Count == (e.Scores == null ? 2 : 1));
    }

    [Fact]
    public void A_run_that_was_killed_before_its_first_step_goes_on()
    {
        using var folder = new TemporaryFolder();
        var options = Tiny with { Text = [TinyTexts.WritePassages(folder.Path)], MlmSteps = 0, Steps = 3, Negatives = 1, HardNegatives = 4 };
        var whole = new RunFolder(Path.Combine(folder.Path, "whole"));
        new TrainingRun(whole, options, new SilentProgress()).Run(CancellationToken.None);
        foreach (var (i, stage) in new[] { "learning a vocabulary", "making examples", "indexing" }.Index())
        {
            var killed = new RunFolder(Path.Combine(folder.Path, $"killed-{i}"));
            Should.Throw<KilledException>(() => new TrainingRun(killed, options, new SilentProgress { KillAt = stage }).Run(CancellationToken.None));
            new TrainingRun(killed, killed.ReadOptions<TrainOptions>(), new SilentProgress()).Run(CancellationToken.None);
            ShouldBeTheSameRun(killed, whole);
        }
    }

    [Fact]
    public void A_run_starts_from_a_checkpoint_of_another_one()
    {
        using var folder = new TemporaryFolder();
        var options = Tiny with { Text = [TinyTexts.WritePassages(folder.Path)] };
        var first = new RunFolder(Path.Combine(folder.Path, "first"));
        new TrainingRun(first, options with { InferenceFree = false, Steps = 2 }, new SilentProgress()).Run(CancellationToken.None);
        var second = new RunFolder(Path.Combine(folder.Path, "second"));
        new TrainingRun(second, options with { From = first.Package, MlmSteps = 0, Steps = 1, Rate = 1e-9, QueryRate = 0 }, new SilentProgress()).Run(CancellationToken.None);

        var before = Golden.ReadTensors(Path.Combine(first.Package, "model.safetensors"));
        var after = Golden.ReadTensors(Path.Combine(second.Package, "document_0_MLMTransformer", "model.safetensors"));
        after.Keys.ShouldBe(before.Keys, ignoreOrder: true);
        foreach (var (name, (_, values)) in before)
        {
            after[name].Values.Zip(values).ShouldAllBe(v => Math.Abs(v.First - v.Second) < 1e-6f);
        }
    }

    [Fact]
    public void An_encoder_without_a_head_gets_a_fresh_one()
    {
        using var folder = new TemporaryFolder();
        var options = Tiny with { Text = [TinyTexts.WritePassages(folder.Path)] };
        var first = new RunFolder(Path.Combine(folder.Path, "first"));
        new TrainingRun(first, options with { InferenceFree = false, Steps = 2 }, new SilentProgress()).Run(CancellationToken.None);

        // As BertModel is saved: no head, names without their prefix.
        var weights = Path.Combine(first.Package, "model.safetensors");
        var whole = Golden.ReadTensors(weights);
        SafetensorsWriter.Write(
            weights, whole.Where(w => w.Key.StartsWith("bert.", StringComparison.Ordinal)).Select(w => (w.Key["bert.".Length..], w.Value.Shape, (Func<float[]>)(() => w.Value.Values))));
        var second = new RunFolder(Path.Combine(folder.Path, "second"));
        new TrainingRun(second, options with { From = first.Package, InferenceFree = false, MlmSteps = 0, Steps = 1, Rate = 1e-9 }, new SilentProgress()).Run(CancellationToken.None);

        var after = Golden.ReadTensors(Path.Combine(second.Package, "model.safetensors"));
        after.Keys.ShouldBe(whole.Keys, ignoreOrder: true);
        foreach (var (name, (_, values)) in whole.Where(w => w.Key.StartsWith("bert.", StringComparison.Ordinal)))
        {
            after[name].Values.Zip(values).ShouldAllBe(v => Math.Abs(v.First - v.Second) < 1e-6f);
        }

        after["cls.predictions.transform.LayerNorm.weight"].Values.ShouldAllBe(v => Math.Abs(v - 1) < 1e-6f);
    }

    [Fact]
    public void Settings_that_contradict_are_refused()
    {
        Should.Throw<TrainingDataException>(() => new TrainOptions().Validate()).Message.ShouldContain("nothing to train on");
        Should.Throw<TrainingDataException>(() => (Tiny with { Text = ["x"], Loss = LossKind.Kl, Negatives = 0 }).Validate()).Message.ShouldContain("--negatives");
        Should.Throw<TrainingDataException>(() => (Tiny with { Text = ["x"], Vocabulary = VocabularyKind.Stems, Language = "xx" }).Validate()).Message.ShouldContain("--language xx");
        Should.Throw<TrainingDataException>(() => (Tiny with { Text = ["x"], Accumulate = 0 }).Validate()).Message.ShouldContain("--accumulate");
        Should.Throw<TrainingDataException>(() => new RunFolder("/nowhere").ReadOptions<TrainOptions>()).Message.ShouldContain("no training run");
    }

    /// <summary>Nothing slow is done before, and the command can be corrected and given again.</summary>
    [Fact]
    public void Inputs_that_can_not_be_used_are_refused_before_the_first_step_and_leave_no_run()
    {
        using var folder = new TemporaryFolder();
        var text = TinyTexts.WritePassages(folder.Path);
        var run = new RunFolder(Path.Combine(folder.Path, "run"));
        var (malformed, few, wordless, empty) =
            (Write("bad.jsonl", "{\"query\": \"q\"}"), Write("few.tsv", "q1\tp1", "q2\tp2"), Write("wordless.txt", ""), Path.Combine(folder.Path, "empty"));
        Directory.CreateDirectory(empty);
        Refused(Tiny with { Text = [text], Examples = [malformed] }).ShouldContain("bad.jsonl, line 1");
        Refused(Tiny with { Text = [text], Examples = [few] }).ShouldContain("can't fill a batch of 8");
        Refused(Tiny with { Text = [text], Examples = [few], Loss = LossKind.Mse }).ShouldContain("needs teacher scores");
        Refused(Tiny with { Text = [text], CrossEncoder = empty }).ShouldContain("onnx/model.onnx");
        Refused(Tiny with { Text = [wordless] }).ShouldContain("no words");
        Refused(Tiny with { Text = [empty] }).ShouldContain("neither a corpus.jsonl nor files");
        Refused(Tiny with { Text = [text], From = empty }).ShouldContain("config.json");
        Refused(Tiny with { Text = [text], From = empty + "er" }).ShouldContain("no folder");
        var file = new RunFolder(malformed);
        Should.Throw<TrainingDataException>(() => new TrainingRun(file, Tiny with { Text = [text] }, new SilentProgress()).Run(CancellationToken.None)).Message.ShouldContain("is a file");

        // What the refused runs left is not taken for this one's.
        run.DeleteLeftovers();
        var options = Tiny with { Text = [text], VocabularySize = 200, MlmSteps = 1, Steps = 2 };
        new TrainingRun(run, options, new SilentProgress()).Run(CancellationToken.None);
        File.ReadAllLines(run.VocabularyFile).Length.ShouldBeLessThanOrEqualTo(200);
        run.DeleteLeftovers();
        File.Exists(run.VocabularyFile).ShouldBeTrue();

        var longer = new RunFolder(Path.Combine(folder.Path, "longer"));
        Should.Throw<TrainingDataException>(() => new TrainingRun(longer, options with { From = run.Package, MaxLength = 64 }, new SilentProgress()).Run(CancellationToken.None))
            .Message.ShouldContain("--max-length 48");

        string Write(string name, params string[] lines)
        {
            var path = Path.Combine(folder.Path, name);
            File.WriteAllLines(path, lines);
            return path;
        }

        string Refused(TrainOptions options)
        {
            var message = Should.Throw<TrainingDataException>(() => new TrainingRun(run, options, new SilentProgress { KillAfter = 1 }).Run(CancellationToken.None)).Message;
            run.HasRun.ShouldBeFalse();
            run.DeleteLeftovers();
            return message;
        }
    }

    private static double Mean((RunStage Stage, int Step, System.Text.Json.JsonElement Values, string Line)[] metrics, RunStage stage, bool last)
    {
        var losses = metrics.Where(m => m.Stage == stage).Select(m => m.Values.GetProperty("base_loss").GetDouble()).ToArray();
        return last ? losses[^5..].Average() : losses[..5].Average();
    }

    private static SpladeModel Load(RunFolder run, TrainOptions options, out TextTokens tokens)
    {
        var start = StartingPoint.OfTexts(run, options, () => [], new SilentProgress());
        tokens = new TextTokens(start.Tokenizer, options.MaxLength, options.MaxQueryLength);
        var weights = Golden.ReadTensors(Path.Combine(run.CheckpointFolder, "model.safetensors"));
        var network = BertNetwork.Load(start.Config, (name, _) => weights[name].Values);
        return new SpladeModel(network, new SpladePooling(), options.InferenceFree ? weights[StaticQueries.Parameter].Values : null);
    }

    private static void ShouldBeTheSame(EncodedText encoded, Tensor vector)
    {
        var expected = vector.data<float>().ToArray();
        var actual = new float[expected.Length];
        for (var i = 0; i < encoded.Indices.Length; i++)
        {
            actual[encoded.Indices[i]] = encoded.Weights[i];
        }

        encoded.Indices.Length.ShouldBeGreaterThan(0);
        actual.Zip(expected).ShouldAllBe(v => Math.Abs(v.First - v.Second) < 1e-4f);
    }

    private static void ShouldBeTheSameRun(RunFolder actual, RunFolder expected)
    {
        foreach (var file in new[] { "document_0_MLMTransformer/model.safetensors", "query_0_SparseStaticEmbedding/model.safetensors", "training/checkpoint/optimizer.safetensors" })
        {
            File.ReadAllBytes(Path.Combine(actual.Package, file)).ShouldBe(File.ReadAllBytes(Path.Combine(expected.Package, file)), file);
        }

        Losses(actual).ShouldBe(Losses(expected));

        static string[] Losses(RunFolder run) => [.. MetricsFile.Read(run.MetricsFile).Select(m => $"{m.Stage} {m.Step} {m.Values.GetProperty("loss")}")];
    }
}
