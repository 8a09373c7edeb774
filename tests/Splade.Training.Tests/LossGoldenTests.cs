using System.Text.Json;
using Splade.Training.Losses;
using static TorchSharp.torch;

namespace Splade.Training.Tests;

/// <summary>Losses and their gradients against sentence-transformers (golden/training/losses.json).</summary>
[Collection(TorchTests.Name)]
public sealed class LossGoldenTests
{
    private const double LossTolerance = 3e-6;
    private const double GradientTolerance = 1e-5;

    [SkippableFact]
    public void Losses_and_gradients_are_those_of_the_reference()
    {
        var json = Golden.Json("losses.json");
        var checkedCases = 0;
        foreach (var one in json.GetProperty("cases").EnumerateArray())
        {
            Check(json.GetProperty("inputs"), one);
            checkedCases++;
        }

        checkedCases.ShouldBeGreaterThan(25);
    }

    private static void Check(JsonElement inputs, JsonElement one)
    {
        using var scope = NewDisposeScope();
        var name = one.GetProperty("name").GetString()!;
        var names = one.GetProperty("inputs").EnumerateArray().Select(i => i.GetString()!).ToArray();
        Tensor[] columns = [.. names.Select(n => Golden.Matrix(inputs.GetProperty(n)).requires_grad_())];
        var (loss, parts) = Compute(one, columns, label => inputs.GetProperty(label));
        loss.backward();
        Golden.ShouldBeRelativelyNear(loss.item<float>(), one.GetProperty("loss").GetDouble(), LossTolerance, name);
        if (parts is not null)
        {
            CheckPart(parts.Base, "base_loss");
            CheckPart(parts.Documents, "document_regularizer_loss");
            CheckPart(parts.Queries, "query_regularizer_loss");
        }

        var gradients = one.GetProperty("gradients");
        for (var i = 0; i < columns.Length; i++)
        {
            using var expected = Golden.Matrix(gradients.GetProperty(names[i]));
            Golden.ShouldBeNear(columns[i].grad!, expected.data<float>().ToArray(), GradientTolerance, $"{name}: gradient of {names[i]}");
        }

        void CheckPart(Tensor? part, string key)
        {
            if (one.GetProperty("parts").TryGetProperty(key, out var expected))
            {
                Golden.ShouldBeRelativelyNear(part!.item<float>(), expected.GetDouble(), LossTolerance, $"{name}: {key}");
            }
        }
    }

    private static (Tensor Loss, SpladeLossParts? Parts) Compute(JsonElement one, Tensor[] columns, Func<string, JsonElement> input)
    {
        var reference = one.GetProperty("reference").GetString()!;
        var parameters = one.GetProperty("parameters");
        JsonElement? label = one.TryGetProperty("labels", out var l) ? input(l.GetString()!) : null;
        switch (reference)
        {
            case "FlopsLoss":
                return (new SparsityRegularizer(SparsityNorm.Flops, Whole("threshold")).Compute(cat(columns, 0)), null);
            case "SparseMSELoss":
                Tensor[] teachers = label!.Value[0][0].ValueKind == JsonValueKind.Array
                    ? [.. stack([.. label.Value.EnumerateArray().Select(Golden.Matrix)], 0).unbind(1)]
                    : [Golden.Matrix(label.Value)];
                return (EmbeddingMse.Compute(columns, teachers), null);
            case var l1 when l1.Contains("L1", StringComparison.Ordinal):
                return (new SparsityRegularizer(SparsityNorm.L1).Compute(cat(columns, 0)), null);
        }

        using var labels = label is { } given ? Labels(given) : null;
        var ranking = Ranking(reference, parameters);
        if (!reference.StartsWith("SpladeLoss", StringComparison.Ordinal))
        {
            return (ranking.Compute(columns[0], columns[1..], labels), null);
        }

        var queryWeight = Real("query_regularizer_weight");
        var loss = new SpladeLoss(
            ranking,
            new SparsityRegularizer(SparsityNorm.Flops, Whole("document_regularizer_threshold")),
            queryWeight is null ? null : new SparsityRegularizer(SparsityNorm.Flops, Whole("query_regularizer_threshold")))
        {
            QueriesAreDocuments = parameters.TryGetProperty("use_document_regularizer_only", out var only) && only.GetBoolean(),
        };
        var parts = loss.Compute(columns[0], columns[1..], labels, Real("document_regularizer_weight")!.Value, queryWeight ?? 0);
        return (parts.Total, parts);

        int? Whole(string key) => parameters.TryGetProperty(key, out var value) ? value.GetInt32() : null;
        double? Real(string key) => parameters.TryGetProperty(key, out var value) ? value.GetDouble() : null;
    }

    /// <summary>Labels of one margin a row are a plain list.</summary>
    private static Tensor Labels(JsonElement labels) => labels[0].ValueKind == JsonValueKind.Array
        ? Golden.Matrix(labels)
        : tensor([.. labels.EnumerateArray().Select(v => v.GetSingle())]).unsqueeze(1);

    private static IRankingLoss Ranking(string reference, JsonElement parameters)
    {
        if (reference.Contains("MarginMSE", StringComparison.Ordinal))
        {
            return new MarginMseLoss();
        }

        if (reference.Contains("KLDiv", StringComparison.Ordinal))
        {
            var both = parameters.TryGetProperty("temperature", out var t) ? t.GetDouble() : 1;
            return new KlDistillationLoss(
                parameters.TryGetProperty("student_temperature", out var s) ? s.GetDouble() : both,
                parameters.TryGetProperty("teacher_temperature", out var e) ? e.GetDouble() : both);
        }

        var directions = parameters.TryGetProperty("directions", out var list)
            ? list.EnumerateArray().Select(d => d.GetString() switch
            {
                "query_to_doc" => ContrastOf.QueryToDocument,
                "query_to_query" => ContrastOf.QueryToQuery,
                "doc_to_query" => ContrastOf.DocumentToQuery,
                _ => ContrastOf.DocumentToDocument,
            }).Aggregate((a, b) => a | b)
            : ContrastOf.QueryToDocument;
        return new InBatchNegativesLoss(
            parameters.TryGetProperty("scale", out var scale) ? scale.GetDouble() : 1,
            parameters.TryGetProperty("similarity", out var similarity) && similarity.GetString() == "cosine",
            directions,
            !parameters.TryGetProperty("partition_mode", out var mode) || mode.GetString() == "joint");
    }
}
