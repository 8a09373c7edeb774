using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Splade.Training.Losses;
using Splade.Training.Networks;
using Splade.Training.Optimization;
using Splade.Training.Schedules;
using Splade.Training.Steps;
using static TorchSharp.torch;

namespace Splade.Training.Tests;

/// <summary>Whole training steps against the reference: loss, gradients, clipping, AdamW, warm-up and regulariser schedules.</summary>
[Collection(TorchTests.Name)]
public sealed class ChainGoldenTests
{
    private const double LossTolerance = 1e-5;
    private const double NormTolerance = 1e-5;
    private const double GradientTolerance = 2e-4;
    private const double WeightTolerance = 3e-5;

    // The true gradient is zero (softmax is invariant to it): what is left is rounding noise, which Adam scales up to the learning rate, either way.
    private const string NoiseOnly = "self.key.bias";

    [SkippableTheory]
    [InlineData("mnrl")]
    [InlineData("marginmse")]
    [InlineData("kl")]
    [InlineData("inferencefree")]
    public void Five_steps_are_those_of_the_reference(string chain)
    {
        using var scope = NewDisposeScope();
        var json = Golden.Json(chain + "/chain.json");
        var isStatic = chain == "inferencefree";
        var queryWeights = isStatic ? Golden.Tensors(chain + "/initial-query-weights.safetensors")["query_token_weights"].Values : null;
        using var model = new SpladeModel(TinyBert(), new SpladePooling(), queryWeights);
        using var optimizer = Optimizer(model.Network.Parameters, json.GetProperty("optimizer"));
        var trainer = Trainer(json, model, optimizer);
        var batch = Batch(json.GetProperty("batch"), labelled: chain is "marginmse" or "kl");
        var rates = 0.0;
        foreach (var step in json.GetProperty("steps").EnumerateArray())
        {
            var number = step.GetProperty("step").GetInt32();
            var what = $"{chain}, step {number}";
            if (number == 1)
            {
                CheckEmbeddings(chain, model, batch);
            }

            var report = trainer.Backward([batch], number - 1);
            Golden.ShouldBeRelativelyNear(report.Loss, step.GetProperty("loss").GetDouble(), LossTolerance, what + " loss");
            Golden.ShouldBeRelativelyNear(report.BaseLoss, step.GetProperty("base_loss").GetDouble(), LossTolerance, what + " base loss");
            Golden.ShouldBeRelativelyNear(report.DocumentRegularizer, step.GetProperty("document_regularizer_loss").GetDouble(), LossTolerance, what + " documents");
            Golden.ShouldBeRelativelyNear(report.QueryRegularizer, Real(step, "query_regularizer_loss") ?? 0, LossTolerance, what + " queries");
            if (number == 1)
            {
                CheckGradients(Golden.Tensors(chain + "/step-1.safetensors"), model.Network.Parameters, what);
            }

            Golden.ShouldBeRelativelyNear(trainer.Update(number - 1, report.Loss), step.GetProperty("gradient_norm_before_clipping").GetDouble(), NormTolerance, what + " norm");
            var rate = step.GetProperty("learning_rate").GetDouble();
            (trainer.PeakLearningRate * trainer.LearningRate.At(number - 1)).ShouldBe(rate, 1e-12, what);
            rates += rate;
            var file = $"{chain}/weights-after-step-{number}.safetensors";
            if (number is 1 or 5 || File.Exists(Golden.Path(file)))
            {
                CheckWeights(Golden.Tensors(file), model.Network.Parameters, rates, what);
            }
        }
    }

    [SkippableFact]
    public void A_masked_language_step_is_that_of_the_reference()
    {
        using var scope = NewDisposeScope();
        var json = Golden.Json("mlm/mlm.json");
        using var network = TinyBert();
        using var optimizer = Optimizer(network.Parameters, json.GetProperty("optimizer"));
        var texts = Texts(json);
        var labels = json.GetProperty("labels").EnumerateArray().SelectMany(r => r.EnumerateArray()).Select(v => v.GetInt64()).ToArray();
        var places = Enumerable.Range(0, labels.Length).Where(i => labels[i] >= 0).ToArray();
        var batch = new MaskedBatch(texts, tensor([.. places.Select(p => (long)p)]), tensor([.. places.Select(p => labels[p])]));
        var golden = Golden.Tensors("mlm/step-1.safetensors");
        using (no_grad())
        {
            Golden.ShouldBeNear(network.Decode(network.Transform(network.Encode(texts.Ids, texts.Mask))), golden["logits"].Values, 1e-4, "logits");
        }

        var trainer = new MaskedLanguageTrainer(network, optimizer)
        {
            LearningRate = new LearningRateSchedule(0, int.MaxValue), PeakLearningRate = 1e-3, MaximumGradientNorm = null,
        };
        var report = trainer.Step(batch, 0);
        Golden.ShouldBeRelativelyNear(report.Loss, json.GetProperty("loss").GetDouble(), LossTolerance, "loss");
        Golden.ShouldBeRelativelyNear(report.GradientNorm, json.GetProperty("gradient_norm").GetDouble(), NormTolerance, "norm");
        CheckGradients(golden, network.Parameters, "mlm");
        CheckWeights(Golden.Tensors("mlm/weights-after-step-1.safetensors"), network.Parameters, 1e-3, "mlm");
    }

    private static BertNetwork TinyBert()
    {
        var config = BertConfig.Read(Golden.Path("tiny-bert/config.json"));
        var tensors = Golden.Tensors("tiny-bert/model.safetensors");
        return BertNetwork.Load(config, (name, shape) =>
        {
            tensors[name].Shape.ShouldBe(shape, name);
            return tensors[name].Values;
        });
    }

    private static AdamW Optimizer(ParameterSet parameters, JsonElement json)
    {
        var still = json.GetProperty("no_weight_decay").EnumerateArray().Select(n => n.GetString()!).ToHashSet();
        var names = parameters.Select(p => p.Key).Where(n => n != StaticQueries.Parameter).ToArray();
        names.Where(n => !ParameterGroup.IsDecayed(n)).ShouldBe(still, ignoreOrder: true);
        var rate = json.GetProperty("learning_rate").GetDouble();
        var groups = new List<ParameterGroup>
        {
            new([.. names.Where(ParameterGroup.IsDecayed)], rate, json.GetProperty("weight_decay").GetDouble()), new([.. names.Where(n => !ParameterGroup.IsDecayed(n))], rate, 0),
        };
        if (json.TryGetProperty("query_weights", out var query))
        {
            groups.Add(new ParameterGroup([StaticQueries.Parameter], query.GetProperty("learning_rate").GetDouble(), query.GetProperty("weight_decay").GetDouble()));
        }

        var betas = json.GetProperty("betas");
        return new AdamW(parameters, groups, betas[0].GetDouble(), betas[1].GetDouble(), json.GetProperty("eps").GetDouble());
    }

    private static SpladeTrainer Trainer(JsonElement json, SpladeModel model, AdamW optimizer)
    {
        var reference = json.GetProperty("loss").GetString()!;
        IRankingLoss ranking = reference.Contains("MarginMSE", StringComparison.Ordinal) ? new MarginMseLoss()
            : reference.Contains("KLDiv", StringComparison.Ordinal) ? new KlDistillationLoss(Parameter("temperature"), Parameter("temperature"))
            : new InBatchNegativesLoss(Parameter("scale"));
        var queryWeight = Real(json, "query_regularizer_weight");
        var loss = new SpladeLoss(ranking, new SparsityRegularizer(), queryWeight is null ? null : new SparsityRegularizer());
        var rate = json.GetProperty("learning_rate_schedule");
        return new SpladeTrainer(model, loss, optimizer)
        {
            LearningRate = new LearningRateSchedule(rate.GetProperty("warmup_steps").GetInt32(), rate.GetProperty("total_steps").GetInt32()),
            PeakLearningRate = json.GetProperty("optimizer").GetProperty("learning_rate").GetDouble(),
            DocumentWeight = Weight(json.GetProperty("document_regularizer_weight").GetDouble()),
            QueryWeight = Weight(queryWeight ?? 0),
            MaximumGradientNorm = Real(json, "max_gradient_norm"),
        };

        double Parameter(string name) => double.Parse(Regex.Match(reference, name + @"=([\d.]+)").Groups[1].Value, CultureInfo.InvariantCulture);

        WeightSchedule Weight(double maximum)
        {
            var schedule = json.GetProperty("regularizer_schedule");
            return schedule.ValueKind == JsonValueKind.Null ? new WeightSchedule(maximum, null) : WeightSchedule.Of(
                maximum,
                schedule.GetProperty("total_steps").GetInt32(),
                schedule.GetProperty("warmup_ratio").GetDouble(),
                schedule.GetProperty("type").GetString() == "linear" ? Warmup.Linear : Warmup.Quadratic);
        }
    }

    private static SpladeBatch Batch(JsonElement json, bool labelled)
    {
        var scores = Golden.Matrix(json.GetProperty("teacher_scores"));
        return new SpladeBatch(
            Texts(json.GetProperty("query")), [Texts(json.GetProperty("positive")), Texts(json.GetProperty("negative"))], labelled ? scores : null);
    }

    private static TokenBatch Texts(JsonElement json) =>
        new(
            tensor([.. Golden.Ids(json.GetProperty("input_ids")).SelectMany(r => r).Select(i => (long)i)]).reshape(json.GetProperty("input_ids").GetArrayLength(), -1),
            Golden.Matrix(json.GetProperty("attention_mask")).to(ScalarType.Bool));

    private static void CheckEmbeddings(string chain, SpladeModel model, SpladeBatch batch)
    {
        using var still = no_grad();
        var golden = Golden.Tensors(chain + "/step-1.safetensors");
        Golden.ShouldBeNear(model.Queries(batch.Queries), golden["query_embedding"].Values, 1e-5, "query");
        Golden.ShouldBeNear(model.Documents(batch.Documents[0]), golden["positive_embedding"].Values, 1e-5, "positive");
        Golden.ShouldBeNear(model.Documents(batch.Documents[1]), golden["negative_embedding"].Values, 1e-5, "negative");
    }

    private static void CheckGradients(Dictionary<string, (long[] Shape, float[] Values)> golden, ParameterSet parameters, string what)
    {
        var names = golden.Keys.Where(k => k.StartsWith("grad.", StringComparison.Ordinal)).ToArray();
        names.Select(n => n[5..]).ShouldBe(parameters.Select(p => p.Key), ignoreOrder: true);
        foreach (var name in names)
        {
            Golden.ShouldBeNear(parameters[name[5..]].grad!, golden[name].Values, GradientTolerance, $"{what}: {name}");
        }
    }

    private static void CheckWeights(Dictionary<string, (long[] Shape, float[] Values)> golden, ParameterSet parameters, double rates, string what)
    {
        golden.Keys.ShouldBe(parameters.Select(p => p.Key), ignoreOrder: true);
        foreach (var (name, (_, values)) in golden)
        {
            Golden.ShouldBeNear(parameters[name], values, name.EndsWith(NoiseOnly, StringComparison.Ordinal) ? (2 * rates) + WeightTolerance : WeightTolerance, $"{what}: {name}");
        }
    }

    private static double? Real(JsonElement json, string key) =>
        json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
