using Google.Protobuf;
using Splade.Encoding.Import;
using Splade.Encoding.Onnx;
using Splade.Tests;
using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Tests.Models;

/// <summary>Packages that want to do harm: each is refused by one error that names file and cause, nothing is left behind, and memory is not taken on a file's word.</summary>
public sealed class HostilePackageTests : IDisposable
{
    private const long MostBytes = 64 << 20;
    private const string Onnx = "onnx/model.onnx";
    private readonly TemporaryFolder _folder = new();
    private readonly TinyPackage _package;

    public HostilePackageTests() => _package = new TinyPackage(Path.Combine(_folder.Path, "source"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\ncat\n", "[cat] twice, at line 7")]
    [InlineData("vocab.txt", "[PAD]\n\n[UNK]\n", "empty piece")]
    [InlineData("vocab.txt", "", "lacks the special token")]
    [InlineData("tokenizer.json", "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {\"a\":", "no valid JSON")]
    [InlineData("tokenizer.json", "{\"model\": {\"type\": \"WordPiece\", \"unk_token\": \"[UNK]\", \"vocab\": {\"[UNK]\": 0, \"a\": 2000000000}}}", "2000000000")]
    [InlineData("tokenizer.json", "{\"model\": {\"type\": \"WordPiece\", \"unk_token\": \"[UNK]\", \"vocab\": {\"[UNK]\": 0, \"a\": 0}}}", "twice")]
    [InlineData("tokenizer_config.json", "[]", "object")]
    [InlineData("tokenizer_config.json", "{\"do_lower_case\": \"yes\"}", "do_lower_case")]
    [InlineData("special_tokens_map.json", "\"[CLS]\"", "object")]
    [InlineData("modules.json", "[7]", "modules.json")]
    [InlineData("modules.json", "[{\"path\": \"/etc\", \"type\": \"x.Transformer\"}]", "leads out of the package")]
    [InlineData("router_config.json", "{\"types\": {}, \"structure\": {\"query\": [1], \"document\": [1]}}", "where the name of a module is expected")]
    [InlineData("splade.json", "{\"documents\": {}}", "[documents] of the package is unknown")]
    [InlineData("splade.json", "{\"max_active_dims\": 20.5}", "max_active_dims")]
    [InlineData("splade.json", "{\"max_tokens\": -5}", "max_tokens")]
    [InlineData("splade.json", "{\"max_tokens\": 1e300}", "max_tokens")]
    [InlineData("splade.json", "{\"document\": {\"prune_type\": \"top_k\", \"prune_ratio\": -1}}", "prune_ratio")]
    [InlineData("splade.json", "{\"document\": 4}", "document")]
    [InlineData("sentence_bert_config.json", "{\"max_seq_length\": \"many\"}", "max_seq_length")]
    [InlineData("tokenizer_config.json", "{\"truncation_side\": \"left\"}", "truncation_side")]
    [InlineData("adapter_config.json", "{\"peft_type\": \"LORA\"}", "adapter")]
    [InlineData("config_sentence_transformers.json", "{\"prompts\": {\"document\": 4}}", "prompt")]
    [InlineData("idf.json", "{\"cat\": \"NaN\"}", "cat")]
    [InlineData("idf.json", "{\"cat\": -1e308}", "cat")]
    [InlineData("idf.json", "{\"cat\": 1e999}", "cat")]
    public void A_file_that_is_wrong_is_named_with_what_is_wrong(string file, string content, string cause)
    {
        _package.Write(file, content);
        ShouldBeRefused(file, cause);
    }

    [Theory]
    [InlineData("tokenizer_config.json")]
    [InlineData("modules.json")]
    [InlineData("splade.json")]
    [InlineData("tokenizer.json")]
    public void Json_without_end_in_depth_or_length_is_refused(string file)
    {
        _package.Write(file, new string('[', 100_000));
        ShouldBeRefused(file, "no valid JSON");
    }

    [Fact]
    public void A_transformer_that_gives_no_logits_is_no_model_for_SPLADE()
    {
        _package.Write("modules.json", """[{"path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"}]""");
        _package.Write("sentence_bert_config.json", """{"transformer_task": "feature-extraction"}""");
        ShouldBeRefused("sentence_bert_config.json", "transformer_task is [feature-extraction]");
        _package.Write("sentence_bert_config.json", """{"transformer_task": "fill-mask"}""");
        Import();
    }

    [Fact]
    public void Links_between_folders_are_not_followed()
    {
        Directory.CreateSymbolicLink(Path.Combine(_package.Folder, "round"), _package.Folder);
        _ = Import();
        Directory.EnumerateFiles(Path.Combine(_folder.Path, "models"), "*", SearchOption.AllDirectories).ShouldAllBe(f => !f.Contains("round", StringComparison.Ordinal));
    }

    [Fact]
    public void A_pickle_is_never_opened()
    {
        File.Delete(Path.Combine(_package.Folder, Onnx));
        _package.Write("pytorch_model.bin", "PK\u0003\u0004 no archive");
        ShouldBeRefused("model.safetensors", "pytorch_model.bin, which is not read");
    }

    [Theory]
    [InlineData("inputs", "asks for an input [tokens]")]
    [InlineData("no-mask", "no input [attention_mask]")]
    [InlineData("float-ids", "neither an int64 nor an int32 tensor")]
    [InlineData("huge-shape", "model.onnx")]
    [InlineData("nan", "NaN")]
    [InlineData("cycle", "ONNX Runtime can't load it")]
    [InlineData("unknown-operator", "ONNX Runtime can't load it")]
    [InlineData("external-past-end", "should be at bytes 0 to 400")]
    [InlineData("external-absent", "not there")]
    [InlineData("external-absolute", "leads out of the package")]
    [InlineData("no-graph", "no graph")]
    [InlineData("overflow", "no finite number")]
    [InlineData("missing-edge", "ONNX Runtime can't load it")]
    [InlineData("two-writers", "ONNX Runtime can't load it")]
    public void A_graph_that_is_wrong_is_named_with_what_is_wrong(string fault, string cause)
    {
        var path = Path.Combine(_package.Folder, Onnx);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        Break(model, fault);
        File.WriteAllBytes(path, model.ToByteArray());
        ShouldBeRefused(Onnx, cause);
    }

    private void Break(ModelProto model, string fault)
    {
        var graph = model.Graph;
        var table = graph.Initializer[0];
        switch (fault)
        {
            case "overflow":
                table.RawData = ByteString.CopyFrom([.. Enumerable.Repeat(BitConverter.GetBytes(1e30f), table.RawData.Length / 4).SelectMany(b => b)]);
                graph.Node[0].Output[0] = "root";
                graph.Node.Add(new NodeProto { OpType = "Mul", Input = { "root", "root" }, Output = { "logits" } });
                break;
            case "inputs":
                graph.Input[0].Name = "tokens";
                graph.Node[0].Input[1] = "tokens";
                break;
            case "no-mask":
                graph.Input.RemoveAt(1);
                break;
            case "float-ids":
                graph.Input[0].Type.TensorType.ElemType = (int)DataType.Float;
                break;
            case "huge-shape":
                table.Dims[0] = 1L << 40;
                table.Dims[1] = 1L << 40;
                break;
            case "nan":
                table.RawData = ByteString.CopyFrom([.. Enumerable.Repeat(BitConverter.GetBytes(float.NaN), table.RawData.Length / 4).SelectMany(b => b)]);
                break;
            case "cycle":
                graph.Node[0].Input[1] = "later";
                graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "logits" }, Output = { "later" } });
                break;
            case "unknown-operator":
                graph.Node[0].OpType = "RunProgram";
                break;
            case "no-graph":
                model.Graph = null;
                break;
            case "missing-edge":
                graph.Node[0].Input[1] = "nowhere";
                break;
            case "two-writers":
                graph.Node.Add(graph.Node[0].Clone());
                break;
            default:
                MoveOut(table, fault);
                break;
        }
    }

    private void MoveOut(TensorProto table, string fault)
    {
        var folder = Path.Combine(_package.Folder, "onnx");
        var outside = Path.Combine(_folder.Path, "secret.bin");
        File.WriteAllBytes(outside, table.RawData.ToByteArray());
        var (location, length) = (fault switch
        {
            "external-absolute" => outside,
            _ => "weights.bin",
        }, (long)table.RawData.Length);
        if (fault == "external-past-end")
        {
            File.WriteAllBytes(Path.Combine(folder, location), table.RawData.ToByteArray()[..16]);
        }

        table.RawData = ByteString.Empty;
        table.DataLocation = DataLocation.External;
        table.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        table.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length.ToString(System.Globalization.CultureInfo.InvariantCulture) });
    }

    [SkippableTheory]
    [InlineData("{\"a\": {\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}, \"a\": {\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "twice")]
    [InlineData("{\"a\": {\"dtype\":\"F32\",\"shape\":[1152921504606846976],\"data_offsets\":[0,4]}}", "needs")]
    [InlineData("{\"a\": {\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "shape")]
    [InlineData("{\"a\": {\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,9223372036854775807]}}", "cut off")]
    [InlineData("{\"a\": {\"dtype\":\"F32\",\"shape\":[0,1152921504606846976],\"data_offsets\":[0,0]}}", "belong to no tensor")]
    [InlineData("[]", "object")]
    public void A_header_of_safetensors_is_not_believed(string header, string cause)
    {
        File.Copy(SharedData.Require("golden/models/broken/control/config.json"), Path.Combine(_package.Folder, "config.json"));

        var bytes = System.Text.Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(Path.Combine(_package.Folder, "model.safetensors"), [.. BitConverter.GetBytes((long)bytes.Length), .. bytes, 0, 0, 0, 0]);
        ShouldBeRefused("model.safetensors", cause);
    }

    private ImportReport Import() => ModelImporter.Import(_package.Folder, _folder.Path, new ImportOptions("model"), _ => { }, default);

    private void ShouldBeRefused(string file, string cause)
    {
        // Of this thread: other tests run beside.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = Should.Throw<ModelPackageException>(() => Import());
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MostBytes);
        fault.Message.ShouldContain(cause);
        fault.Message.ShouldContain(Path.GetFileName(file));
        Directory.Exists(Path.Combine(_folder.Path, "models")).ShouldBeFalse();
    }
}
