using System.Text.Json;
using Splade.Encoding.Packages;
using Splade.Tests;

namespace Splade.Encoding.Tests;

public sealed class ModelPackageTests : IDisposable
{
    private const string Modules = """
        [{"path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"},
         {"path": "1_SpladePooling", "type": "sentence_transformers.sparse_encoder.modules.splade_pooling.SpladePooling"}]
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("max", "relu")]
    [InlineData("max", "log1p_relu")]
    [InlineData("sum", "relu")]
    [InlineData("sum", "log1p_relu")]
    public void Raw_logits_are_pooled_as_the_package_says(string strategy, string activation)
    {
        var package = new TinyPackage(_folder.Path);
        package.Write("modules.json", Modules);
        package.Write("1_SpladePooling/config.json", $$"""{"pooling_strategy": "{{strategy}}", "activation_function": "{{activation}}"}""");
        using var encoder = Open();

        // The second text is padded to the length of the first.
        var encoded = encoder.EncodeDocuments(["cat dog fish . .", "dog"], default)[1];
        int[] tokens = [2, 6, 3];
        for (var piece = 0; piece < TinyPackage.Vocabulary.Length; piece++)
        {
            var active = tokens.Select(t => MathF.Log(1 + Math.Max(0, package.Logit(t, piece))))
                .Select(w => activation == "relu" ? w : MathF.Log(1 + w)).ToArray();
            Weight(encoded, piece).ShouldBe(strategy == "max" ? active.Max() : active.Sum(), 1e-5f);
        }
    }

    [Fact]
    public void Prompts_go_before_queries_and_documents()
    {
        using var plain = Open(new TinyPackage(Path.Combine(_folder.Path, "plain")).Folder);
        var package = new TinyPackage(Path.Combine(_folder.Path, "prompts"));
        package.Write("config_sentence_transformers.json", """{"prompts": {"query": "cat ", "passage": "dog "}}""");
        using var prompted = Open(package.Folder);
        prompted.EncodeQuery("fish", default).Weights.ShouldBe(plain.EncodeQuery("cat fish", default).Weights);
        prompted.EncodeDocuments(["fish"], default)[0].Weights.ShouldBe(plain.EncodeDocuments(["dog fish"], default)[0].Weights);
    }

    [Theory]
    [InlineData("{}", Similarity.Dot)]
    [InlineData("""{"similarity_fn_name": null}""", Similarity.Dot)]
    [InlineData("""{"similarity_fn_name": "dot"}""", Similarity.Dot)]
    [InlineData("""{"similarity_fn_name": "cosine"}""", Similarity.Cosine)]
    public void The_similarity_is_that_of_the_package_and_vectors_are_as_the_model_gives_them(string config, Similarity similarity)
    {
        using var plain = Open(new TinyPackage(Path.Combine(_folder.Path, "plain")).Folder);
        var package = new TinyPackage(Path.Combine(_folder.Path, "compared"));
        package.Write("config_sentence_transformers.json", config);
        using var encoder = Open(package.Folder);
        encoder.Description.Similarity.ShouldBe(similarity);
        encoder.EncodeDocuments(["cat"], default)[0].Weights.ShouldBe(plain.EncodeDocuments(["cat"], default)[0].Weights);
    }

    [Fact]
    public void A_similarity_that_is_no_sum_of_products_is_refused()
    {
        var package = new TinyPackage(_folder.Path);
        package.Write("config_sentence_transformers.json", """{"similarity_fn_name": "euclidean"}""");
        var refusal = Should.Throw<ModelPackageException>(() => ModelPackage.Read(package.Folder, "tiny"));
        refusal.File.ShouldEndWith("config_sentence_transformers.json");
        refusal.Reason.ShouldContain("[euclidean]");
    }

    [Theory]
    [InlineData("onnx/model_quantized.onnx")]
    [InlineData("onnx/model_qint8_avx512.onnx")]
    [InlineData("splade.onnx")]
    public void The_only_graph_of_a_package_may_have_any_name(string name)
    {
        using var plain = Open(new TinyPackage(Path.Combine(_folder.Path, "plain")).Folder);
        var package = new TinyPackage(Path.Combine(_folder.Path, "named"));
        var graph = Path.Combine(package.Folder, "onnx/model.onnx");
        File.Move(graph, Path.Combine(package.Folder, name));
        using var encoder = Open(package.Folder);
        encoder.EncodeDocuments(["cat dog"], default)[0].Weights.ShouldBe(plain.EncodeDocuments(["cat dog"], default)[0].Weights);

        File.Copy(Path.Combine(package.Folder, name), Path.Combine(package.Folder, "onnx/other.onnx"));
        var refusal = Should.Throw<ModelPackageException>(() => ModelPackage.Read(package.Folder, "tiny")).Reason;
        refusal.ShouldContain(name);
        refusal.ShouldContain("onnx/other.onnx");
        File.Copy(Path.Combine(package.Folder, name), graph);
        ModelPackage.Read(package.Folder, "tiny").Documents.Weights.Path.ShouldBe(Path.GetFullPath(graph));
    }

    [Fact]
    public void A_sparse_autoencoder_is_refused_by_its_name()
    {
        var package = new TinyPackage(_folder.Path);
        package.Write("modules.json", """
            [{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"path": "2_SparseAutoEncoder", "type": "sentence_transformers.sparse_encoder.models.SparseAutoEncoder"}]
            """);
        Should.Throw<ModelPackageException>(() => ModelPackage.Read(package.Folder, "tiny")).Reason.ShouldContain("SparseAutoEncoder (CSR)");
    }

    [Fact]
    public void A_router_with_a_static_query_side_needs_no_inference_for_queries()
    {
        var package = new TinyPackage(_folder.Path);
        package.Write("modules.json", """[{"path": "", "type": "sentence_transformers.models.Router"}]""");
        package.Write("router_config.json", """
            {"types": {"query_0_SparseStaticEmbedding": "x.SparseStaticEmbedding", "": "x.MLMTransformer", "document_1": "x.SpladePooling"},
             "structure": {"query": ["query_0_SparseStaticEmbedding"], "document": ["", "document_1"]}}
            """);
        package.Write("document_1/config.json", "{}");
        package.Write("query_0_SparseStaticEmbedding/tokenizer_config.json", """{"model_max_length": 3}""");
        Should.Throw<ModelPackageException>(() => Open()).Message.ShouldContain("neither model.safetensors nor idf.json");
        package.Write("query_0_SparseStaticEmbedding/idf.json", """{"cat": 2.5, "dog": 1, "fish": 3}""");
        using var encoder = Open();
        encoder.Description.InferenceFreeQueries.ShouldBeTrue();
        var query = encoder.EncodeQuery("dog dog cat fish", default);
        query.Indices.ShouldBe([5, 6]);
        query.Weights.ShouldBe([2.5f, 1f]);
        query.Truncated.ShouldBeTrue();
        encoder.EncodeQuery("", default).Indices.ShouldBeEmpty();

        // As the reference, which cuts all vectors of a package.
        package.Write("config_sentence_transformers.json", """{"max_active_dims": 1}""");
        using var cut = Open();
        cut.EncodeQuery("dog dog cat fish", default).Indices.ShouldBe([5]);
        cut.EncodeDocuments(["dog cat"], default)[0].Indices.Length.ShouldBe(1);
    }

    [Fact]
    public void A_pooling_behind_a_router_is_that_of_both_routes()
    {
        const string types = """{"types": {"": "x.MLMTransformer", "q": "x.SparseStaticEmbedding"}, "structure": {"query": ["QUERY"], "document": [""]}}""";
        var package = new TinyPackage(_folder.Path);
        package.Write("modules.json", """[{"path": "", "type": "x.Router"}, {"path": "1_SpladePooling", "type": "x.SpladePooling"}]""");
        package.Write("1_SpladePooling/config.json", """{"pooling_strategy": "sum"}""");
        package.Write("router_config.json", types.Replace("QUERY", ""));
        using var routed = Open();
        var plain = new TinyPackage(Path.Combine(_folder.Path, "plain"));
        plain.Write("modules.json", Modules);
        plain.Write("1_SpladePooling/config.json", """{"pooling_strategy": "sum"}""");
        using var same = Open(plain.Folder);
        routed.EncodeQuery("cat dog", default).Weights.ShouldBe(same.EncodeQuery("cat dog", default).Weights);
        routed.EncodeDocuments(["cat dog"], default)[0].Weights.ShouldBe(same.EncodeDocuments(["cat dog"], default)[0].Weights);

        package.Write("q/idf.json", """{"cat": 2.5}""");
        package.Write("router_config.json", types.Replace("QUERY", "q"));
        Should.Throw<ModelPackageException>(() => Open()).Message.ShouldContain("[SparseStaticEmbedding] is followed by [SpladePooling]");
    }

    [Theory]
    [InlineData("modules.json", """[{"path": "../other", "type": "x.Transformer"}]""", "leads out of the package")]
    [InlineData("modules.json", """[{"path": "", "type": "my.SecretPooling"}]""", "SecretPooling")]
    [InlineData("modules.json", """[{"path": "absent", "type": "x.Transformer"}]""", "[absent], which is not there")]
    [InlineData("modules.json", "{}", "Expected a JSON array")]
    [InlineData("modules.json", """["\ud800"]""", "no [path]")]
    [InlineData("modules.json", """[{"path": "\u0000", "type": "x.Transformer"}]""", "can't be read")]
    [InlineData("modules.json", """[{"path": "", "type": "x.Router"}]""", "file is not there")]
    [InlineData("config.json", """{"vocab_size": 1""", "no valid JSON")]
    [InlineData("idf.json", """{"cat": "much"}""", "[cat] is no finite number")]
    [InlineData("idf.json", """{"cat": 1e999}""", "[cat] is no finite number")]
    [InlineData("splade.json", """{"max_tokens": 2}""", "leaves no room")]
    [InlineData("tokenizer_config.json", """{"tokenizer_class": "BertJapaneseTokenizer"}""", "[BertJapaneseTokenizer] is not supported without a tokenizer.json")]
    [InlineData("tokenizer.json", """{"model": {"type": "BPE"}}""", "model: The field [vocab] is missing")]
    [InlineData("tokenizer.json", """{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0}}, "normalizer": {"type": "Magic"}}""", "normalizer [Magic] is not supported")]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\n[CLS]\ncat\n", "[SEP]")]
    public void Faults_are_named_with_their_file(string file, string content, string cause)
    {
        new TinyPackage(_folder.Path).Write(file, content);
        var fault = Should.Throw<ModelPackageException>(() => Open());
        fault.Message.ShouldContain(cause);
        fault.File.ShouldStartWith(_folder.Path);
    }

    [Fact]
    public void A_vocabulary_larger_than_the_output_is_refused()
    {
        new TinyPackage(_folder.Path).Write("vocab.txt", string.Join('\n', [.. TinyPackage.Vocabulary, "bird"]));
        Should.Throw<ModelPackageException>(() => Open()).Message.ShouldContain("logits of Float [batch, sequence, 10]");
    }

    [SkippableTheory]
    [InlineData("opensearch-doc", null)]
    [InlineData("router-opensearch", "query_0_SparseStaticEmbedding")]
    public void Static_queries_equal_the_reference(string name, string? folder)
    {
        var files = new PackageFiles(SharedData.Require($"golden/models/{name}"));
        var tokenizer = TokenizerReader.Read(files, "");
        var side = QuerySide.Read(files, tokenizer, folder, PackageSettings.Read(files), 128)!;
        var texts = 0;
        foreach (var expected in File.ReadLines(files.PathOf("expected.jsonl")).Select(l => JsonDocument.Parse(l).RootElement))
        {
            var query = side.Encode(expected.GetProperty("text").GetString()!);
            var vector = expected.GetProperty("query_vector");
            query.Indices.ShouldBe(vector.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32()), expected.GetProperty("id").GetString());
            query.Weights.ShouldBe(vector.GetProperty("weights").EnumerateArray().Select(w => w.GetSingle()), 1e-6f);
            texts++;
        }

        texts.ShouldBe(45);
    }

    private static float Weight(EncodedText text, int id) => Array.BinarySearch(text.Indices, id) is >= 0 and var place ? text.Weights[place] : 0f;

    private OnnxSparseEncoder Open(string? folder = null) =>
        new(ModelPackage.Read(folder ?? _folder.Path, "test"), "", new EncoderOptions { Threads = 1 });
}
