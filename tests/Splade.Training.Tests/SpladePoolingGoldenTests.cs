using Splade.Training.Networks;
using static TorchSharp.torch;

namespace Splade.Training.Tests;

/// <summary>Pooling and its gradient against sentence-transformers (golden/training/splade-pooling.json).</summary>
[Collection(TorchTests.Name)]
public sealed class SpladePoolingGoldenTests
{
    [SkippableFact]
    public void Embeddings_and_gradients_are_those_of_the_reference()
    {
        var json = Golden.Json("splade-pooling.json");
        foreach (var one in json.GetProperty("cases").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            Tensor Cube(System.Text.Json.JsonElement cube) => stack([.. cube.EnumerateArray().Select(Golden.Matrix)], 0);
            var logits = Cube(json.GetProperty("logits")).requires_grad_();
            var mask = Golden.Matrix(json.GetProperty("attention_mask")).to(ScalarType.Bool);
            var pooling = new SpladePooling(
                one.GetProperty("pooling").GetString() == "max" ? PoolingKind.Max : PoolingKind.Sum, one.GetProperty("activation").GetString() == "log1p_relu");
            var embedding = pooling.Pool(logits, mask);
            embedding.backward([Golden.Matrix(json.GetProperty("upstream_gradient"))]);
            Golden.ShouldBeNear(embedding, Golden.Matrix(one.GetProperty("embedding")).data<float>().ToArray(), 1e-6, $"{pooling}");
            Golden.ShouldBeNear(logits.grad!, Cube(one.GetProperty("logit_gradient")).data<float>().ToArray(), 1e-6, $"gradient of {pooling}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Projecting_is_pooling_of_the_logits_with_the_same_gradients(bool doubleLog)
    {
        manual_seed(3);
        using var scope = NewDisposeScope();
        var pooling = new SpladePooling(PoolingKind.Max, doubleLog);
        var states = randn(3, 6, 8).requires_grad_();
        var decoder = randn(5000, 8).requires_grad_();
        var bias = randn(5000).requires_grad_();
        var mask = arange(6).unsqueeze(0).lt(tensor(new long[] { 6, 2, 4 }).unsqueeze(1));
        var upstream = randn(3, 5000);

        pooling.Pool(nn.functional.linear(states, decoder, bias), mask).backward([upstream]);
        Tensor[] expected = [pooling.Pool(nn.functional.linear(states, decoder, bias), mask), states.grad!.clone(), decoder.grad!.clone(), bias.grad!.clone()];
        states.grad!.zero_();
        decoder.grad!.zero_();
        bias.grad!.zero_();
        var projected = pooling.Project(states, mask, decoder, bias);
        projected.backward([upstream]);
        Tensor[] actual = [projected, states.grad!, decoder.grad!, bias.grad!];
        for (var i = 0; i < actual.Length; i++)
        {
            // Sums of up to 5,000 products in another order.
            (actual[i] - expected[i]).abs().max().item<float>().ShouldBeLessThan(2e-4f);
        }
    }
}
