using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Splade.Tests;
using static TorchSharp.torch;

namespace Splade.Training.Tests;

/// <summary>Reads the reference values of golden/training, or of the folder that <see cref="OtherFolder"/> names: the same files, made with another seed.</summary>
internal static class Golden
{
    private const string OtherFolder = "SPLADE_GOLDEN_TRAINING";

    private static string Folder => Environment.GetEnvironmentVariable(OtherFolder) is { Length: > 0 } other ? other : SharedData.Require("golden/training");

    /// <summary>Full path of a reference file; skips the test where there are none.</summary>
    public static string Path(string file) => System.IO.Path.Combine(Folder, file);

    public static JsonElement Json(string file) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(Path(file)));

    public static Tensor Matrix(JsonElement rows)
    {
        var values = rows.EnumerateArray().Select(r => r.EnumerateArray().Select(v => v.GetSingle()).ToArray()).ToArray();
        return tensor([.. values.SelectMany(r => r)]).reshape(values.Length, values[0].Length);
    }

    public static int[][] Ids(JsonElement rows) => [.. rows.EnumerateArray().Select(r => r.EnumerateArray().Select(v => v.GetInt32()).ToArray())];

    public static Dictionary<string, (long[] Shape, float[] Values)> Tensors(string file) => ReadTensors(Path(file));

    /// <summary>A plain reader of its own, so that what the trainer writes is not checked by the trainer.</summary>
    public static Dictionary<string, (long[] Shape, float[] Values)> ReadTensors(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var tensors = new Dictionary<string, (long[], float[])>(StringComparer.Ordinal);
        foreach (var entry in JsonSerializer.Deserialize<JsonElement>(bytes.AsSpan(8, start - 8)).EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            var span = entry.Value.GetProperty("data_offsets");
            var data = bytes.AsSpan(start + span[0].GetInt32(), span[1].GetInt32() - span[0].GetInt32());
            entry.Value.GetProperty("dtype").GetString().ShouldBe("F32");
            tensors.Add(entry.Name, ([.. entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())], MemoryMarshal.Cast<byte, float>(data).ToArray()));
        }

        return tensors;
    }

    public static void ShouldBeNear(Tensor actual, ReadOnlySpan<float> expected, double tolerance, string what)
    {
        var values = actual.cpu().detach().contiguous().data<float>().ToArray();
        values.Length.ShouldBe(expected.Length, what);
        for (var i = 0; i < values.Length; i++)
        {
            values[i].ShouldBe(expected[i], tolerance, $"{what}[{i}]");
        }
    }

    public static void ShouldBeRelativelyNear(double actual, double expected, double tolerance, string what) =>
        Math.Abs(actual - expected).ShouldBeLessThanOrEqualTo(Math.Max(1e-9, tolerance * Math.Abs(expected)), $"{what}: {actual} instead of {expected}");
}
