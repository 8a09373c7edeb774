using System.Net.Sockets;
using System.Runtime.InteropServices;
using Splade.Encoding.Import;
using Splade.Encoding.Tokenizing;
using Splade.Tests;

namespace Splade.Encoding.Tests.Models;

/// <summary>What has the name of a package's file and is none is refused by name, not opened: a pipe would never be, a device never ends.</summary>
public sealed partial class RegularFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyPackage _package;

    public RegularFileTests()
    {
        _package = new TinyPackage(Path.Combine(_folder.Path, "source"));
        _package.Write("config.json", """{"model_type": "bert"}""");
    }

    public static TheoryData<string, string> Cases
    {
        get
        {
            string[] files =
            [
                "model.safetensors", "model.safetensors.index.json", "onnx/model.onnx", "tokenizer.json", "vocab.txt", "tokenizer_config.json", "config.json",
                "modules.json", "router_config.json", "sentence_bert_config.json", "splade.json", "idf.json",
            ];
            string[] kinds = OperatingSystem.IsLinux() ? ["a folder", "a link", "a pipe", "a socket", "a device"] : ["a folder"];
            var cases = new TheoryData<string, string>();
            foreach (var (file, kind) in files.SelectMany(f => kinds.Select(k => (f, k))))
            {
                cases.Add(file, kind);
            }

            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_no_file_is_refused_by_name(string file, string kind)
    {
        using var socket = Put(file, kind);
        ShouldBeRefused(Import, file, kind);
        Directory.Exists(Path.Combine(_folder.Path, "models")).ShouldBeFalse();
        using var registry = new ModelRegistry(_folder.Path);
        ShouldBeRefused(() => registry.Open(_package.Folder).Dispose(), file, kind);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("LICENSE")]
    [InlineData("queries/notes.txt")]
    public void What_an_import_would_copy_is_too(string file)
    {
        Directory.CreateDirectory(Path.Combine(_package.Folder, "queries"));
        if (OperatingSystem.IsLinux())
        {
            using var socket = Put(file, "a pipe");
            ShouldBeRefused(Import, file, "a pipe");
        }
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.txt")]
    [InlineData("tokenizer_config.json")]
    public void A_tokenizer_by_itself_is_read_from_files_alone(string file)
    {
        using var socket = Put(file, OperatingSystem.IsLinux() ? "a pipe" : "a folder");
        ShouldBeRefused(() => Tokenizers.Open(_package.Folder), file, "where a regular file is expected");
    }

    [Fact]
    public void Weights_of_a_graph_in_another_file_are_too()
    {
        var path = Path.Combine(_package.Folder, "onnx", "model.onnx");
        var model = Onnx.ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        var table = model.Graph.Initializer[0];
        table.RawData = Google.Protobuf.ByteString.Empty;
        table.DataLocation = Onnx.TensorProto.Types.DataLocation.External;
        table.ExternalData.Add(new Onnx.StringStringEntryProto { Key = "location", Value = "weights.bin" });
        File.WriteAllBytes(path, Google.Protobuf.MessageExtensions.ToByteArray(model));
        using var socket = Put("onnx/weights.bin", OperatingSystem.IsLinux() ? "a pipe" : "a folder");
        ShouldBeRefused(Import, "weights.bin", "where a regular file is expected");
    }

    [Fact]
    public void Links_to_files_are_files_wherever_they_lie()
    {
        var blob = Path.Combine(_folder.Path, "blob");
        var vocabulary = Path.Combine(_package.Folder, "vocab.txt");
        File.Move(vocabulary, blob);
        File.CreateSymbolicLink(vocabulary, "../blob");
        Import();
        File.ReadAllText(Path.Combine(_folder.Path, "models", "model", "vocab.txt")).ShouldBe(File.ReadAllText(blob));
    }

    [Fact]
    public void A_folder_named_as_the_licence_is_no_fault()
    {
        Directory.CreateDirectory(Path.Combine(_package.Folder, "LICENSE"));
        Import();
    }

    private static void ShouldBeRefused(Action read, string file, string cause)
    {
        var fault = Should.Throw<ModelPackageException>(read);
        fault.Message.ShouldContain(cause);
        fault.Message.ShouldContain(Path.GetFileName(file));
    }

    private void Import() => ModelImporter.Import(_package.Folder, _folder.Path, new ImportOptions("model"), _ => { }, default);

    /// <returns>What keeps it there.</returns>
    private Socket? Put(string file, string kind)
    {
        var path = Path.Combine(_package.Folder, file);
        File.Delete(path);
        switch (kind)
        {
            case "a folder":
                Directory.CreateDirectory(path);
                break;
            case "a link":
                File.CreateSymbolicLink(path, "nowhere");
                break;
            case "a pipe":
                MakePipe(path, Convert.ToUInt32("644", 8)).ShouldBe(0);
                break;
            case "a socket":
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Bind(new UnixDomainSocketEndPoint(path));
                return socket;
            default:
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
        }

        return null;
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
