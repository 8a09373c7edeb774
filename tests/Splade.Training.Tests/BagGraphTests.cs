using Microsoft.ML.OnnxRuntime;
using Splade.Lexical;
using Splade.Training.Distillation;
using Splade.Training.Networks;
using static TorchSharp.torch;

namespace Splade.Training.Tests;

/// <summary>The exported graph computes what the trainer's network computes.</summary>
[Collection(TorchTests.Name)]
public sealed class BagGraphTests
{
    private const int MainPieces = 40;
    private const int Vocabulary = 50;
    private static readonly LexicalModelOptions Lexical = new();
    private static readonly bool[] HasWeight = [.. Enumerable.Range(0, Vocabulary).Select(i => i >= 5 && i % 7 != 0)];

    // The last pieces are of another language, one is no word.
    private static readonly PieceLanguage[] Languages =
        [.. Enumerable.Range(0, Vocabulary).Select(i => i is < 5 or 9 ? PieceLanguage.None : i < 42 ? PieceLanguage.Main : PieceLanguage.Other)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_graph_agrees_with_the_network(int seed)
    {
        using var network = Network(seed);
        var random = new Random(seed);
        float[] factors = [.. Enumerable.Range(0, MainPieces + 1).Select(i => i < MainPieces && HasWeight[i] ? 0.6f + random.NextSingle() : 0f)];
        var expansion = new BagExpansion(factors, 1.5f, 0.1f, 6);
        using var session = new InferenceSession(BagGraph.Build(network, expansion, HasWeight, Languages, Lexical, int8: false));

        // Short, longer than the network reads, of another language, half of it, empty.
        int[][] texts =
        [
            Text(random, 12, 5, 42), Text(random, 260, 5, 42), Text(random, 9, 42, Vocabulary), [2, 10, 11, 12, 13, 14, 44, 45, 46, 47, 3], [2, 3], Text(random, 3, 5, 42),
        ];
        var actual = Encode(session, texts);
        using var still = no_grad();
        for (var i = 0; i < texts.Length; i++)
        {
            using var scope = NewDisposeScope();
            int[] rows = [.. texts[i].Take(BagNetwork.MaxPieces).Select(id => Math.Min(id, MainPieces))];
            var expanded = expansion.Expand(network.Encode(TokenBatch.Of([rows], 0)), network).data<float>().ToArray();
            var (length, frequency) = (texts[i].Count(id => HasWeight[id]), texts[i].CountBy(id => id).ToDictionary());
            var gate = Gate(texts[i]);
            (expanded.Max() * gate > 0.01).ShouldBe(gate > 0, $"text {i}");
            for (var id = 0; id < Vocabulary; id++)
            {
                var tf = HasWeight[id] ? frequency.GetValueOrDefault(id) : 0;
                var own = tf * (Lexical.Saturation + 1) / (tf + (Lexical.Saturation * (1 - Lexical.LengthShare + (Lexical.LengthShare * length / Lexical.AverageLength))));
                actual[i][id].ShouldBe(own + (id < MainPieces ? expanded[id] * gate : 0), 1e-4f, $"text {i}, piece {id}");
            }
        }
    }

    [Fact]
    public void Stored_in_eight_bits_it_stays_close_and_a_text_does_not_depend_on_those_beside_it()
    {
        using var network = Network(4);
        var random = new Random(4);
        var expansion = new BagExpansion([.. Enumerable.Range(0, MainPieces + 1).Select(i => i < MainPieces && HasWeight[i] ? 1f : 0f)], 1f, 0.05f, 20);
        byte[][] graphs = [.. new[] { true, false }.Select(int8 => BagGraph.Build(network, expansion, HasWeight, Languages, Lexical, int8))];
        graphs[0].Length.ShouldBeLessThan(graphs[1].Length);
        using var small = new InferenceSession(graphs[0]);
        using var full = new InferenceSession(graphs[1]);
        int[][] texts = [.. Enumerable.Range(0, 12).Select(i => Text(random, 4 + (3 * i), 5, 42))];
        var together = Encode(small, texts);
        foreach (var (text, vector, expected) in texts.Zip(together, Encode(full, texts)))
        {
            var cosine = System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(vector, expected);
            cosine.ShouldBeGreaterThan(0.995f);
            Encode(small, [text])[0].Zip(vector).ShouldAllBe(w => Math.Abs(w.First - w.Second) < 1e-5f);
        }
    }

    private static float Gate(int[] text)
    {
        var main = text.Count(id => Languages[id] == PieceLanguage.Main);
        var share = main / Math.Max(1f, main + text.Count(id => Languages[id] == PieceLanguage.Other));
        return Math.Clamp((share - BagGraph.OtherShare) / (BagGraph.MainShare - BagGraph.OtherShare), 0, 1);
    }

    private static int[] Text(Random random, int length, int from, int to) => [2, .. Enumerable.Range(0, length).Select(_ => random.Next(from, to)), 3];

    private static BagNetwork Network(int seed)
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        var network = BagNetwork.Create(nn.functional.normalize(randn(MainPieces + 1, 16), dim: 1), [.. Enumerable.Range(0, MainPieces + 1).Select(i => i % 5f / 4)], [0, 1, 2, 3, 4]);

        // Away from the start, where half of the parts do nothing.
        using var still = no_grad();
        foreach (var (name, value) in network.Parameters)
        {
            value.add_(randn_like(value) * (name == BagNetwork.Prior ? 0.5 : 0.2));
        }

        return network;
    }

    private static float[][] Encode(InferenceSession session, int[][] texts)
    {
        var length = texts.Max(t => t.Length);
        var ids = new long[texts.Length * length];
        var mask = new long[ids.Length];
        for (var row = 0; row < texts.Length; row++)
        {
            for (var i = 0; i < texts[row].Length; i++)
            {
                (ids[(row * length) + i], mask[(row * length) + i]) = (texts[row][i], 1);
            }
        }

        using var idsValue = OrtValue.CreateTensorValueFromMemory(ids, [texts.Length, length]);
        using var maskValue = OrtValue.CreateTensorValueFromMemory(mask, [texts.Length, length]);
        using var options = new RunOptions();
        using var output = session.Run(options, ["input_ids", "attention_mask"], [idsValue, maskValue], [LexicalGraph.Weights, LexicalGraph.Indices]);
        var weights = output[0].GetTensorDataAsSpan<float>();
        var indices = output[1].GetTensorDataAsSpan<long>();
        var vectors = Enumerable.Range(0, texts.Length).Select(_ => new float[Vocabulary]).ToArray();
        for (var i = 0; i < weights.Length; i++)
        {
            // What occurs again has the same weight.
            ref var entry = ref vectors[i / (weights.Length / texts.Length)][indices[i]];
            (entry == 0f || entry == weights[i]).ShouldBeTrue();
            entry = weights[i];
        }

        return vectors;
    }
}
