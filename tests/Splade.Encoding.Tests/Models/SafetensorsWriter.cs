using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Splade.Encoding.Tests.Models;

/// <summary>A tensor of a model that a test makes up.</summary>
internal sealed record TestTensor(long[] Shape, float[] Values);

/// <summary>Writes safetensors files as the format asks for it.</summary>
internal static class SafetensorsWriter
{
    /// <param name="type">F32, F16, BF16 or F64; of all tensors.</param>
    public static void Write(string path, IEnumerable<KeyValuePair<string, TestTensor>> tensors, string type = "F32") =>
        File.WriteAllBytes(path, ToBytes(tensors, type));

    public static byte[] ToBytes(IEnumerable<KeyValuePair<string, TestTensor>> tensors, string type = "F32")
    {
        var header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        using var data = new MemoryStream();
        foreach (var (name, tensor) in tensors)
        {
            var start = data.Length;
            data.Write(Encode(tensor.Values, type));
            header.Append(CultureInfo.InvariantCulture, $",\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(',', tensor.Shape)}],\"data_offsets\":[{start},{data.Length}]}}");
        }

        header.Append('}');
        while (header.Length % 8 != 0)
        {
            header.Append(' ');
        }

        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [.. length, .. System.Text.Encoding.ASCII.GetBytes(header.ToString()), .. data.ToArray()];
    }

    /// <summary>Shards with their index, the tensors dealt out one by one.</summary>
    public static void WriteShards(string folder, Dictionary<string, TestTensor> tensors, int shards)
    {
        string Name(int shard) => string.Create(CultureInfo.InvariantCulture, $"model-{shard + 1:00000}-of-{shards:00000}.safetensors");
        for (var shard = 0; shard < shards; shard++)
        {
            Write(Path.Combine(folder, Name(shard)), tensors.Where((_, i) => i % shards == shard));
        }

        var map = string.Join(',', tensors.Keys.Select((n, i) => $"\"{n}\":\"{Name(i % shards)}\""));
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), $"{{\"metadata\":{{}},\"weight_map\":{{{map}}}}}");
    }

    private static byte[] Encode(float[] values, string type) => type switch
    {
        "F32" => MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        "F16" => MemoryMarshal.AsBytes<Half>(values.Select(v => (Half)v).ToArray()).ToArray(),
        "F64" => MemoryMarshal.AsBytes<double>(values.Select(v => (double)v).ToArray()).ToArray(),
        "BF16" => MemoryMarshal.AsBytes<ushort>(values.Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)).ToArray()).ToArray(),
        _ => throw new ArgumentException($"Type {type}.", nameof(type)),
    };
}
