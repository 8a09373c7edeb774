using Splade.Encoding.Batching;
using Splade.Encoding.Import;
using Splade.Encoding.Onnx;
using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests;

public sealed class EncodingPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ModelRegistry.DefaultModel)]
    [InlineData(ModelRegistry.MultilingualModel)]
    public void Models_that_make_no_logits_of_tokens_have_whole_batches_on_any_number_of_cores(string model)
    {
        var graph = Load(Path.Combine(AppContext.BaseDirectory, "models", model));
        graph.LogitColumns.ShouldBe(0);
        var plan = EncodingPlan.For(new EncoderOptions { Threads = 64 }, cuda: false, graph.LogitColumns, graph.IsSmall);
        (plan.Workers, plan.BatchTokens).ShouldBe((64, 2_048));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Models_that_make_them_say_so_as_they_lie_and_imported(bool pooled)
    {
        var package = new TinyPackage(Path.Combine(_folder.Path, "tiny"), pooled);
        foreach (var folder in (string[])[package.Folder, ModelImporter.Import(package.Folder, _folder.Path, new ImportOptions("imported"), _ => { }, default).Folder])
        {
            // Without an arena their large tensors would be mapped anew for each inference, however few weights there are.
            var graph = Load(folder);
            (graph.LogitColumns, graph.IsSmall).ShouldBe((TinyPackage.Vocabulary.Length, false));
        }
    }

    [Fact]
    public void A_dense_model_makes_no_logits_and_is_not_small_either()
    {
        var package = new TinyPackage(_folder.Path);
        package.Write("modules.json", """[{"path": "", "type": "x.Transformer"}, {"path": "1_Pooling", "type": "x.Pooling"}]""");
        package.Write("1_Pooling/config.json", """{"pooling_mode_mean_tokens": true}""");
        var graph = new OnnxGraphBuilder();
        var ids = graph.Input("input_ids", TensorProto.Types.DataType.Int64, "batch", "sequence");
        graph.Input("attention_mask", TensorProto.Types.DataType.Int64, "batch", "sequence");
        graph.Node("Gather", [graph.Constant(new float[10], 10, 1), ids], output: "last_hidden_state");
        graph.Output("last_hidden_state", TensorProto.Types.DataType.Float, "batch", "sequence", 1);
        File.WriteAllBytes(Path.Combine(package.Folder, "onnx/model.onnx"), graph.ToBytes());
        var loaded = Load(package.Folder);
        (loaded.LogitColumns, loaded.IsSmall).ShouldBe((0, false));
    }

    private static RunnableGraph Load(string folder)
    {
        var package = ModelPackage.Read(folder, "test");
        return RunnableGraph.Load(package.Files, package.Documents, package.Dense);
    }

    [Theory]
    [InlineData(16, 30_522, 16, 1, 549)]
    [InlineData(2, 250_002, 2, 1, 536)]
    [InlineData(16, 250_002, 2, 15, 536)]
    [InlineData(16, 10_000_000, 1, 16, 26)]
    [InlineData(16, 0, 16, 1, 1024)]
    public void A_wide_vocabulary_means_fewer_inferences_at_a_time_and_all_cores_work(int cores, int vocabulary, int workers, int sessionThreads, int tokens)
    {
        var plan = EncodingPlan.For(new EncoderOptions { Threads = cores }, cuda: false, vocabulary, small: false);
        (plan.Workers, plan.SessionThreads, plan.BatchTokens).ShouldBe((workers, sessionThreads, tokens));
        (plan.Volume * vocabulary * sizeof(float)).ShouldBeLessThanOrEqualTo(1L << 30);
    }

    [Theory]
    [InlineData(61_331, 2_048)]
    [InlineData(250_002, 536)]
    public void A_small_model_has_larger_batches_where_there_is_room(int vocabulary, int tokens) =>
        EncodingPlan.For(new EncoderOptions { Threads = 2 }, cuda: false, vocabulary, small: true).BatchTokens.ShouldBe(tokens);

    [Theory]
    [InlineData(30_522, 8192)]
    [InlineData(250_002, 1073)]
    public void On_a_device_one_large_inference_runs_at_a_time(int vocabulary, int tokens)
    {
        var plan = EncodingPlan.For(new EncoderOptions(), cuda: true, vocabulary, small: false);
        (plan.BatchTokens, plan.Volume).ShouldBe((tokens, 1));
        plan.Workers.ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sizes_that_are_given_are_taken(bool cuda)
    {
        var plan = EncodingPlan.For(new EncoderOptions { BatchTokens = 50_000, BatchTexts = 3 }, cuda, 250_002, small: true);
        (plan.BatchTokens, plan.BatchTexts).ShouldBe((50_000, 3));
    }
}
