using System.Globalization;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests.Models;

/// <summary>Settings and names that published checkpoints have, each against <see cref="ReferenceModel"/>, on weights that the test makes up.</summary>
public sealed class ArchitectureVariantTests : IDisposable
{
    private const int Vocabulary = 20;
    private const int Hidden = 8;
    private const int Inner = 12;
    private const int Heads = 2;
    private const int Layers = 3;
    private const int Positions = 16;
    private static readonly int[] Text = [2, 7, 19, 0, 5, 5, 11, 3, 1, 9];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plain")]
    [InlineData("gelu_new")]
    [InlineData("gelu_pytorch_tanh")]
    [InlineData("relu")]
    [InlineData("silu")]
    [InlineData("tanh")]
    [InlineData("epsilon")]
    [InlineData("gamma and beta")]
    [InlineData("no prefix")]
    [InlineData("other prefix")]
    [InlineData("untied")]
    [InlineData("tied, two tables")]
    [InlineData("tied, decoder only")]
    [InlineData("decoder bias")]
    [InlineData("one token type")]
    [InlineData("shards")]
    [InlineData("F64")]
    public void Bert(string variant)
    {
        var prefix = variant == "no prefix" ? "" : variant == "other prefix" ? "model.bert." : "bert.";
        var tensors = BertTensors(prefix, "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias", variant == "one token type" ? 1 : 2);
        var words = prefix + "embeddings.word_embeddings.weight";
        var activation = variant switch
        {
            "gelu_new" or "gelu_pytorch_tanh" => ReferenceModel.GeluTanh,
            "relu" => x => Math.Max(0, x),
            "silu" => ReferenceModel.Silu,
            "tanh" => Math.Tanh,
            _ => (Func<double, double>)ReferenceModel.Gelu,
        };
        var table = words;
        if (variant is "untied" or "tied, two tables" or "tied, decoder only")
        {
            tensors["cls.predictions.decoder.weight"] = variant == "tied, decoder only" ? tensors[words] : Random("decoder", Vocabulary, Hidden);
            table = "cls.predictions.decoder.weight";
        }

        if (variant == "decoder bias")
        {
            tensors["cls.predictions.decoder.bias"] = tensors["cls.predictions.bias"];
            tensors.Remove("cls.predictions.bias");
        }

        if (variant == "gamma and beta")
        {
            tensors = tensors.ToDictionary(p => p.Key.Replace("LayerNorm.weight", "LayerNorm.gamma").Replace("LayerNorm.bias", "LayerNorm.beta"), p => p.Value);
        }

        var epsilon = variant == "epsilon" ? 1e-2 : 1e-12;
        var act = variant is "gelu_new" or "gelu_pytorch_tanh" or "relu" or "silu" or "tanh" ? variant : "gelu";
        var config = $$"""
            "model_type": "bert", "hidden_act": "{{act}}", "layer_norm_eps": {{epsilon.ToString(CultureInfo.InvariantCulture)}},
            "tie_word_embeddings": {{(variant == "untied" ? "false" : "true")}}, "type_vocab_size": {{(variant == "one token type" ? 1 : 2)}}, {{BertSizes}}
            """;
        var reference = new ReferenceModel(tensors) { Activation = activation, Epsilon = epsilon };
        var logits = reference.Bert(
            Text, [.. Enumerable.Range(0, Text.Length)], Layers, Heads, prefix, "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", table,
            variant == "decoder bias" ? "cls.predictions.decoder.bias" : "cls.predictions.bias", activation);
        if (variant == "tied, decoder only")
        {
            tensors.Remove(words);
        }

        Check(config, tensors, logits, variant);
    }

    [Theory]
    [InlineData("roberta", 1)]
    [InlineData("xlm-roberta", 0)]
    [InlineData("camembert", 2)]
    public void Roberta(string type, int pad)
    {
        var tensors = BertTensors("roberta.", "lm_head.dense", "lm_head.layer_norm", "lm_head.bias", 1);

        // A padding token that is written in the text has the position of padding and is not counted.
        var position = pad;
        int[] positions = [.. Text.Select(id => id == pad ? pad : ++position)];
        var reference = new ReferenceModel(tensors) { Activation = x => Math.Max(0, x), Epsilon = 1e-5 };
        var logits = reference.Bert(
            Text, positions, Layers, Heads, "roberta.", "lm_head.dense", "lm_head.layer_norm", "roberta.embeddings.word_embeddings.weight", "lm_head.bias", ReferenceModel.Gelu);
        Check($$"""
            "model_type": "{{type}}", "hidden_act": "relu", "layer_norm_eps": 1e-5, "type_vocab_size": 1, "pad_token_id": {{pad}}, {{BertSizes}}
            """, tensors, logits);
    }

    [Theory]
    [InlineData("distilbert.")]
    [InlineData("")]
    public void DistilBert(string prefix)
    {
        // BERT without token types under other names.
        var bert = BertTensors("bert.", "vocab_transform", "vocab_layer_norm", "vocab_projector.bias", 1);
        bert["bert.embeddings.token_type_embeddings.weight"] = new TestTensor([1, Hidden], new float[Hidden]);
        var reference = new ReferenceModel(bert) { Activation = x => Math.Max(0, x) };
        var logits = reference.Bert(
            Text, [.. Enumerable.Range(0, Text.Length)], Layers, Heads, "bert.", "vocab_transform", "vocab_layer_norm", "bert.embeddings.word_embeddings.weight",
            "vocab_projector.bias", x => Math.Max(0, x));
        (string Bert, string DistilBert)[] names =
        [
            ("bert.encoder.", "bert.transformer."), ("attention.self.query", "attention.q_lin"), ("attention.self.key", "attention.k_lin"),
            ("attention.self.value", "attention.v_lin"), ("attention.output.dense", "attention.out_lin"), ("attention.output.LayerNorm", "sa_layer_norm"),
            ("intermediate.dense", "ffn.lin1"), ("output.dense", "ffn.lin2"), ("output.LayerNorm", "output_layer_norm"), ("bert.", prefix),
        ];
        var tensors = bert.Where(t => !t.Key.Contains("token_type")).ToDictionary(t => names.Aggregate(t.Key, (n, p) => n.Replace(p.Bert, p.DistilBert)), t => t.Value);
        Check($$"""
            "model_type": "distilbert", "activation": "relu", "vocab_size": {{Vocabulary}}, "dim": {{Hidden}}, "hidden_dim": {{Inner}}, "n_layers": {{Layers}},
            "n_heads": {{Heads}}, "max_position_embeddings": {{Positions}}, "sinusoidal_pos_embds": true
            """, tensors, logits);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("all biases")]
    [InlineData("no decoder bias")]
    [InlineData("untied")]
    [InlineData("silu and relu")]
    [InlineData("layer types")]
    [InlineData("all global")]
    [InlineData("old thetas")]
    [InlineData("local theta of null")]
    [InlineData("theta for both, new style")]
    public void ModernBert(string variant)
    {
        var biases = variant == "all biases";
        var tensors = ModernBertTensors(biases);
        var (global, local) = variant switch
        {
            "old thetas" => (500.0, 20.0),
            "local theta of null" => (500.0, 500.0),
            "theta for both, new style" => (300.0, 20.0),
            _ => (160_000.0, 10_000.0),
        };
        Func<int, bool> isGlobal = variant switch
        {
            "layer types" => i => i == 1,
            "all global" => _ => true,
            _ => i => i % 2 == 0,
        };
        var table = "model.embeddings.tok_embeddings.weight";
        if (variant == "untied")
        {
            tensors[table = "decoder.weight"] = Random(table, Vocabulary, Hidden);
        }

        if (variant == "no decoder bias")
        {
            tensors.Remove("decoder.bias");
        }

        var gated = variant == "silu and relu";
        var reference = new ReferenceModel(tensors) { Activation = gated ? ReferenceModel.Silu : ReferenceModel.Gelu, Epsilon = 1e-5 };
        var logits = reference.ModernBert(Text, Layers, Heads, 2, global, local, isGlobal, gated ? x => Math.Max(0, x) : ReferenceModel.Gelu, table);
        var flag = biases ? "true" : "false";
        var pattern = variant switch
        {
            "layer types" => """
                "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
                "rope_parameters": {"full_attention": {"rope_theta": 160000.0, "rope_type": "default"}, "sliding_attention": {"rope_theta": 10000.0}}
                """,
            "all global" => "\"global_attn_every_n_layers\": 1",
            "old thetas" => "\"global_attn_every_n_layers\": 2, \"global_rope_theta\": 500.0, \"local_rope_theta\": 20",
            "local theta of null" => "\"global_attn_every_n_layers\": 2, \"global_rope_theta\": 500, \"local_rope_theta\": null",
            "theta for both, new style" => """
                "global_attn_every_n_layers": 2, "global_rope_theta": 7, "local_rope_theta": 20,
                "rope_parameters": {"full_attention": {"rope_theta": 300.0, "rope_type": "default"}, "sliding_attention": null}
                """,
            _ => "\"global_attn_every_n_layers\": 2",
        };
        Check($$"""
            "model_type": "modernbert", "vocab_size": {{Vocabulary}}, "hidden_size": {{Hidden}}, "intermediate_size": {{Inner}}, "num_hidden_layers": {{Layers}},
            "num_attention_heads": {{Heads}}, "local_attention": 5, "hidden_activation": "{{(gated ? "silu" : "gelu")}}",
            "classifier_activation": "{{(gated ? "relu" : "gelu")}}", "tie_word_embeddings": {{(variant == "untied" ? "false" : "true")}},
            "norm_bias": {{flag}}, "attention_bias": {{flag}}, "mlp_bias": {{flag}}, "classifier_bias": {{flag}},
            "decoder_bias": {{(variant == "no decoder bias" ? "false" : "true")}}, {{pattern}}
            """, tensors, logits);
    }

    [Theory]
    [InlineData("\"position_embedding_type\": \"relative_key\"", "position_embedding_type")]
    [InlineData("\"is_decoder\": true", "is_decoder")]
    [InlineData("\"num_hidden_layers\": \"three\"", "expected an integer")]
    [InlineData("\"num_hidden_layers\": 0", "expected a positive number")]
    [InlineData("\"num_hidden_layers\": 2000000000", "encoder.layer.3.attention.self.query.weight is missing")]
    [InlineData("\"intermediate_size\": 2000000000", "config.json asks for [2000000000, 8]")]
    [InlineData("\"max_position_embeddings\": 2000000000", "config.json asks for [2000000000, 8]")]
    [InlineData("\"layer_norm_eps\": -1", "expected a positive number")]
    [InlineData("\"hidden_act\": 7", "expected a text")]
    [InlineData("\"tie_word_embeddings\": false", "cls.predictions.decoder.weight is missing")]
    [InlineData("\"tie_word_embeddings\": \"no\"", "expected true or false")]
    public void Settings_that_can_not_be_followed_are_refused(string setting, string cause)
    {
        var tensors = BertTensors("bert.", "cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias", 2);
        var name = setting.Split('"')[1];
        var config = string.Join(',', $"\"model_type\": \"bert\", \"type_vocab_size\": 2, {BertSizes}".Split(',').Where(p => !p.Contains($"\"{name}\"")).Append(setting));
        Should.Throw<ModelPackageException>(() => Check(config, tensors, [[0]])).Message.ShouldContain(cause);
    }

    [Theory]
    [InlineData("\"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4}", "only the rope type default")]
    [InlineData("\"rope_parameters\": {\"full_attention\": {\"rope_type\": \"linear\", \"factor\": 2}}", "only the rope type default")]
    [InlineData("\"rope_parameters\": {\"rope_theta\": 500, \"rope_type\": \"default\"}", "[rope_theta] is not expected there")]
    [InlineData("\"rope_scaling\": {\"rope_type\": \"default\", \"rope_theta\": 500}", "[rope_theta] is not expected there")]
    [InlineData("\"layer_types\": [\"full_attention\"]", "expected 3 of full_attention")]
    [InlineData("\"layer_types\": [\"a\", \"b\", \"c\"]", "expected 3 of full_attention")]
    public void Rotary_settings_that_can_not_be_followed_are_refused(string setting, string cause) => Should.Throw<ModelPackageException>(() => Check($$"""
        "model_type": "modernbert", "vocab_size": {{Vocabulary}}, "hidden_size": {{Hidden}}, "intermediate_size": {{Inner}}, "num_hidden_layers": {{Layers}},
        "num_attention_heads": {{Heads}}, {{setting}}
        """, ModernBertTensors(false), [[0]])).Message.ShouldContain(cause);

    private static string BertSizes => $"""
        "vocab_size": {Vocabulary}, "hidden_size": {Hidden}, "intermediate_size": {Inner}, "num_hidden_layers": {Layers}, "num_attention_heads": {Heads}, "max_position_embeddings": {Positions}
        """;

    /// <summary>Runs the text alone and beside a longer one.</summary>
    private void Check(string config, Dictionary<string, TestTensor> tensors, double[][] logits, string storage = "")
    {
        File.WriteAllText(Path.Combine(_folder.Path, "config.json"), $"{{{config}}}");
        if (storage == "shards")
        {
            SafetensorsWriter.WriteShards(_folder.Path, tensors, 3);
        }
        else
        {
            SafetensorsWriter.Write(Path.Combine(_folder.Path, "model.safetensors"), tensors, storage == "F64" ? "F64" : "F32");
        }

        var files = new PackageFiles(_folder.Path);
        var side = new EncoderSide("", new GivenIds(Vocabulary, 4), Positions, Pooling.Default, WeightFiles.Find(files, "", orRoot: false));
        using var session = SpladeSession.Open(RunnableGraph.Load(files, side, null), Vocabulary, new EncoderOptions { Threads = 1 });
        var expected = ReferenceModel.Splade(logits);
        for (var padding = 0; padding <= 3; padding += 3)
        {
            using var input = new ModelInputBatch(2, Text.Length + padding, 4);
            input.Fill(0, [.. Text.Select(id => (long)id)]);
            input.Fill(1, [.. Enumerable.Range(6, Text.Length + padding).Select(id => (long)id)]);
            session.Run(input, (row, weights) =>
            {
                if (row == 0)
                {
                    weights.ToArray().Select(w => (double)w).ShouldBe(expected, 2e-5);
                }
            });
        }
    }

    private static Dictionary<string, TestTensor> BertTensors(string prefix, string head, string headNorm, string bias, int types)
    {
        var tensors = new Dictionary<string, TestTensor>();
        Add(tensors, prefix + "embeddings.word_embeddings.weight", Vocabulary, Hidden);
        Add(tensors, prefix + "embeddings.position_embeddings.weight", Positions, Hidden);
        Add(tensors, prefix + "embeddings.token_type_embeddings.weight", types, Hidden);
        Norm(tensors, prefix + "embeddings.LayerNorm", bias: true);
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = $"{prefix}encoder.layer.{layer}.";
            foreach (var part in (string[])["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"])
            {
                Linear(tensors, name + part, Hidden, Hidden, bias: true);
            }

            Norm(tensors, name + "attention.output.LayerNorm", bias: true);
            Linear(tensors, name + "intermediate.dense", Hidden, Inner, bias: true);
            Linear(tensors, name + "output.dense", Inner, Hidden, bias: true);
            Norm(tensors, name + "output.LayerNorm", bias: true);
        }

        Linear(tensors, head, Hidden, Hidden, bias: true);
        Norm(tensors, headNorm, bias: true);
        Add(tensors, bias, Vocabulary);
        return tensors;
    }

    private static Dictionary<string, TestTensor> ModernBertTensors(bool bias)
    {
        var tensors = new Dictionary<string, TestTensor>();
        Add(tensors, "model.embeddings.tok_embeddings.weight", Vocabulary, Hidden);
        Norm(tensors, "model.embeddings.norm", bias);
        for (var layer = 0; layer < Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            if (layer > 0)
            {
                Norm(tensors, name + "attn_norm", bias);
            }

            Linear(tensors, name + "attn.Wqkv", Hidden, 3 * Hidden, bias);
            Linear(tensors, name + "attn.Wo", Hidden, Hidden, bias);
            Norm(tensors, name + "mlp_norm", bias);
            Linear(tensors, name + "mlp.Wi", Hidden, 2 * Inner, bias);
            Linear(tensors, name + "mlp.Wo", Inner, Hidden, bias);
        }

        Norm(tensors, "model.final_norm", bias);
        Linear(tensors, "head.dense", Hidden, Hidden, bias);
        Norm(tensors, "head.norm", bias);
        Add(tensors, "decoder.bias", Vocabulary);
        return tensors;
    }

    private static void Linear(Dictionary<string, TestTensor> tensors, string name, int inputs, int outputs, bool bias)
    {
        Add(tensors, name + ".weight", outputs, inputs);
        if (bias)
        {
            Add(tensors, name + ".bias", outputs);
        }
    }

    private static void Norm(Dictionary<string, TestTensor> tensors, string name, bool bias)
    {
        Add(tensors, name + ".weight", Hidden);
        if (bias)
        {
            Add(tensors, name + ".bias", Hidden);
        }
    }

    private static void Add(Dictionary<string, TestTensor> tensors, string name, params long[] shape) => tensors[name] = Random(name, shape);

    /// <summary>The same values for the same name, so that a variant differs from another only by what it is about.</summary>
    private static TestTensor Random(string name, params long[] shape)
    {
        var random = new Random(name.Aggregate(17, (hash, c) => unchecked((hash * 31) + c)));
        return new TestTensor(shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)((random.NextDouble() * 2) - 1))]);
    }
}
