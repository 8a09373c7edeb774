using Splade.Encoding.Onnx;
using Splade.Tests;
using Splade.Training.Data;
using Splade.Training.Teachers;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Training.Tests;

public sealed class TeacherTests
{
    /// <summary>A graph in place of a network: sum of the ids of each part, the second part counted ten times.</summary>
    [Fact]
    public void A_cross_encoder_reads_query_and_document_as_a_pair()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(Path.Combine(folder.Path, "vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c"]);
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer_config.json"), """{"tokenizer_class": "BertTokenizer", "model_max_length": 8}""");
        File.WriteAllBytes(Path.Combine(folder.Path, "model.onnx"), Graph());
        using var teacher = CrossEncoderTeacher.Open(folder.Path, 1);

        // [CLS] a [SEP] | b c [SEP]: 2 + 5 + 3 + 10 (6 + 7 + 3).
        teacher.Score("a", ["b c", "a"]).ShouldBe([170f, 90f]);

        // Eight tokens: five pieces beside the special ones; the longer document gives way first.
        teacher.Score("a a", ["b b b b b b"]).ShouldBe([2 + 5 + 5 + 3 + (10 * (6 + 6 + 6 + 3f))]);
    }

    [Fact]
    public void A_folder_without_a_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        Should.Throw<TrainingDataException>(() => CrossEncoderTeacher.Open(folder.Path, 1)).Message.ShouldContain("onnx/model.onnx");
        Should.Throw<TrainingDataException>(() => DenseTeacher.Open(folder.Path, 1)).Message.ShouldContain("dense teacher");
    }

    [SkippableFact]
    public void A_dense_encoder_puts_what_answers_first()
    {
        using var teacher = DenseTeacher.Open(SharedData.Require("models/all-minilm-l6-v2"), 1);
        var scores = teacher.Score("how do plants make sugar", ["Photosynthesis turns light into glucose in leaves.", "The court sat on Monday.", "Plants are green."]);
        scores[0].ShouldBeGreaterThan(scores[1]);
        scores.ShouldAllBe(s => s >= -1.0001f && s <= 1.0001f);
    }

    private static byte[] Graph()
    {
        var graph = new OnnxGraphBuilder();
        var ids = graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        var mask = graph.Input("attention_mask", DataType.Int64, "batch", "sequence");
        var types = graph.Input("token_type_ids", DataType.Int64, "batch", "sequence");
        var factor = graph.Node("Add", [graph.Node("Mul", [types, graph.Constant([9L], 1)]), mask]);
        var sum = graph.Node("ReduceSum", [graph.Node("Mul", [ids, factor]), graph.Constant([1L], 1)], [OnnxGraphBuilder.Attribute("keepdims", 1)]);
        graph.Node("Cast", [sum], [OnnxGraphBuilder.Attribute("to", (long)DataType.Float)], output: "logits");
        graph.Output("logits", DataType.Float, "batch", 1);
        return graph.ToBytes();
    }
}
