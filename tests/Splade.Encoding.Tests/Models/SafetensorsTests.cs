using System.Buffers.Binary;
using CsCheck;
using Splade.Encoding.Safetensors;
using Splade.Tests;

namespace Splade.Encoding.Tests.Models;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File1 => Path.Combine(_folder.Path, "model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("F32", 0f)]
    [InlineData("F64", 0f)]
    [InlineData("F16", 1e-3f)]
    [InlineData("BF16", 1e-2f)]
    public void Values_are_those_that_were_written(string type, float relative) =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 7], Gen.Float[-100, 100].Array[64]).Sample((rows, columns, values) =>
        {
            SafetensorsWriter.Write(File1, new Dictionary<string, TestTensor>
            {
                ["first"] = new([3], values[..3]),
                ["matrix"] = new([rows, columns], values[..(rows * columns)]),
                ["scalar"] = new([], values[^1..]),
            }, type);
            using var weights = ModelWeights.Open(File1);
            weights.Names.ShouldBe(["first", "matrix", "scalar"], ignoreOrder: true);
            var read = weights.Read("matrix", rows, columns);
            read.Length.ShouldBe(rows * columns);
            for (var i = 0; i < read.Length; i++)
            {
                read[i].ShouldBe(values[i], (MathF.Abs(values[i]) * relative) + (relative > 0 ? 1e-7f : 0));
            }

            weights.Read("scalar").ShouldBe([values[^1]], (MathF.Abs(values[^1]) * relative) + 1e-7);
        }, iter: 50, threads: 1);

    [Fact]
    public void A_pointer_of_git_lfs_is_named_as_what_it_is()
    {
        File.WriteAllText(File1, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 133466304\n");
        Should.Throw<ModelPackageException>(() => ModelWeights.Open(File1)).Message.ShouldContain("git lfs pull");
    }

    [Fact]
    public void Many_dimensions_do_not_make_a_long_message()
    {
        SafetensorsWriter.Write(File1, new Dictionary<string, TestTensor> { ["deep"] = new([.. Enumerable.Repeat(1, 5000)], [1f]) }, "F32");
        using var weights = ModelWeights.Open(File1);
        Should.Throw<ModelPackageException>(() => weights.Read("deep", 1)).Message.ShouldSatisfyAllConditions(
            m => m.ShouldContain("... 5000 dimensions"), m => m.Length.ShouldBeLessThan(1000));
    }

    [Fact]
    public void A_damaged_file_is_a_typed_error_or_still_whole()
    {
        var whole = Sample();
        var headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(whole);

        // Mostly the header, where damage means something; digits and brackets in place of what stands there.
        var change = Gen.Select(Gen.Int[0, headerLength + 7], Gen.OneOf(Gen.Byte, Gen.Char["0123456789[]{},:\"-."].Select(c => (byte)c)));
        Gen.Select(change.List[1, 4], Gen.OneOf(Gen.Const(whole.Length), Gen.Int[0, whole.Length])).Sample((changes, length) =>
        {
            var bytes = whole.ToArray();
            foreach (var (place, value) in changes)
            {
                bytes[place] = value;
            }

            File.WriteAllBytes(File1, bytes[..length]);
            try
            {
                using var weights = ModelWeights.Open(File1);
                foreach (var name in weights.Names)
                {
                    weights.Entry(name).Shape.Aggregate(1L, (a, b) => a * b).ShouldBeLessThanOrEqualTo(whole.Length);
                    weights.Read(name, weights.Entry(name).Shape);
                }
            }
            catch (ModelPackageException exception)
            {
                exception.File.ShouldBe(File1);
            }
        }, iter: 3000, threads: 1);
    }

    [Fact]
    public void Every_length_of_a_cut_file_is_refused()
    {
        var whole = Sample();
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(File1, whole[..length]);
            Should.Throw<ModelPackageException>(() => ModelWeights.Open(File1));
        }
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""", "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", "needs a dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}}""", "needs a dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}""", "needs a dtype")]
    [InlineData("""{"a":7}""", "needs a dtype")]
    [InlineData("""[]""", "no JSON object")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":[[[[[[[[[[1]]]]]]]]]]}}""", "no valid JSON")]
    public void Headers_that_lie_are_refused(string header, string cause)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        File.WriteAllBytes(File1, [.. length, .. System.Text.Encoding.UTF8.GetBytes(header), .. new byte[8]]);
        Should.Throw<ModelPackageException>(() => ModelWeights.Open(File1)).Message.ShouldContain(cause);
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"../model.safetensors"}}""", "no safetensors file of the same folder")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "no safetensors file of the same folder")]
    [InlineData("""{"weight_map":{"a":"sub/model.safetensors"}}""", "no safetensors file of the same folder")]
    [InlineData("""{"weight_map":{"a":"absent.safetensors"}}""", "which is not there")]
    [InlineData("""{"weight_map":{"absent":"model.safetensors"}}""", "The tensor absent should be in model.safetensors")]
    [InlineData("""{"weight_map":{"a":7}}""", "no file name")]
    [InlineData("""{"weight_map":[]}""", "no weight_map")]
    public void An_index_that_lies_is_refused(string index, string cause)
    {
        File.WriteAllBytes(File1, Sample());
        var path = Path.Combine(_folder.Path, "model.safetensors.index.json");
        File.WriteAllText(path, index);
        Should.Throw<ModelPackageException>(() => ModelWeights.Open(path)).Message.ShouldContain(cause);
    }

    private static byte[] Sample() => SafetensorsWriter.ToBytes(new Dictionary<string, TestTensor>
    {
        ["a"] = new([2, 3], [1, 2, 3, 4, 5, 6]),
        ["b"] = new([4], [7, 8, 9, 10]),
        ["empty"] = new([0, 5], []),
    });
}
