using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Splade.Encoding.Benchmarking;

/// <summary>
/// Writes a BERT masked language model with random weights, for measuring how fast a machine runs a model of that size before one has it. Its vectors
/// mean nothing.
/// </summary>
public static class RandomModel
{
    /// <param name="vocabulary">Pieces, special tokens among them, of a WordPiece vocabulary.</param>
    public static void Write(string folder, int layers, int hidden, IReadOnlyList<string> vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        if (hidden < 32 || hidden % 32 != 0)
        {
            throw new FormatException($"A hidden size of {hidden} is no multiple of 32.");
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Join('\n', vocabulary) + "\n");
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": 512}""");
        File.WriteAllText(
            Path.Combine(folder, "config.json"),
            $$"""
            {
              "architectures": ["BertForMaskedLM"], "model_type": "bert", "vocab_size": {{vocabulary.Count}}, "hidden_size": {{hidden}},
              "num_hidden_layers": {{layers}}, "num_attention_heads": {{hidden / 32}}, "intermediate_size": {{4 * hidden}}, "hidden_act": "gelu",
              "max_position_embeddings": 512, "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0
            }
            """);
        WriteTensors(Path.Combine(folder, "model.safetensors"), [.. Tensors(layers, hidden, vocabulary.Count)]);
    }

    private static IEnumerable<(string Name, int[] Shape)> Tensors(int layers, int hidden, int vocabulary)
    {
        yield return ("bert.embeddings.word_embeddings.weight", [vocabulary, hidden]);
        yield return ("bert.embeddings.position_embeddings.weight", [512, hidden]);
        yield return ("bert.embeddings.token_type_embeddings.weight", [2, hidden]);
        foreach (var tensor in Norm("bert.embeddings.LayerNorm"))
        {
            yield return tensor;
        }

        for (var layer = 0; layer < layers; layer++)
        {
            var prefix = $"bert.encoder.layer.{layer}.";
            (string Name, int[] Shape)[] tensors =
            [
                .. Linear(prefix + "attention.self.query", hidden, hidden),
                .. Linear(prefix + "attention.self.key", hidden, hidden),
                .. Linear(prefix + "attention.self.value", hidden, hidden),
                .. Linear(prefix + "attention.output.dense", hidden, hidden),
                .. Norm(prefix + "attention.output.LayerNorm"),
                .. Linear(prefix + "intermediate.dense", 4 * hidden, hidden),
                .. Linear(prefix + "output.dense", hidden, 4 * hidden),
                .. Norm(prefix + "output.LayerNorm"),
            ];
            foreach (var tensor in tensors)
            {
                yield return tensor;
            }
        }

        foreach (var tensor in Linear("cls.predictions.transform.dense", hidden, hidden).Concat(Norm("cls.predictions.transform.LayerNorm")))
        {
            yield return tensor;
        }

        yield return ("cls.predictions.bias", [vocabulary]);

        IEnumerable<(string, int[])> Norm(string name) => [(name + ".weight", [hidden]), (name + ".bias", [hidden])];

        static IEnumerable<(string, int[])> Linear(string name, int rows, int columns) => [(name + ".weight", [rows, columns]), (name + ".bias", [rows])];
    }

    private static void WriteTensors(string file, (string Name, int[] Shape)[] tensors)
    {
        var header = new Dictionary<string, object>();
        var offset = 0L;
        foreach (var (name, shape) in tensors)
        {
            var bytes = 4L * Size(shape);
            header.Add(name, new { dtype = "F32", shape, data_offsets = new[] { offset, offset + bytes } });
            offset += bytes;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        using var stream = File.Create(file);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        stream.Write(length);
        stream.Write(json);
        var random = new Random(1);
        foreach (var (name, shape) in tensors)
        {
            var values = new float[Size(shape)];
            for (var i = 0; i < values.Length; i++)
            {
                // Scales near 1 where a norm multiplies; a negative bias of the vocabulary makes vectors sparse.
                values[i] = name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) ? 1f
                    : name == "cls.predictions.bias" ? -2f
                    : (float)((random.NextDouble() - 0.5) * 0.14);
            }

            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    private static int Size(int[] shape) => shape.Aggregate(1, (a, b) => checked(a * b));
}
