using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splade.Encoding.Safetensors;

/// <summary>Writes float32 tensors as a safetensors file: length of the header, JSON header, data (https://github.com/huggingface/safetensors).</summary>
internal static class SafetensorsWriter
{
    /// <param name="tensors">Name, shape and values row by row; asked for one after the other.</param>
    public static void Write(string path, IEnumerable<(string Name, long[] Shape, Func<float[]> Values)> tensors)
    {
        var entries = tensors.OrderBy(t => t.Name, StringComparer.Ordinal).ToArray();
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        var offset = 0L;
        foreach (var (name, shape, _) in entries)
        {
            var size = shape.Aggregate(sizeof(float), (long product, long dimension) => product * dimension);
            header[name] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. shape.Select(d => JsonValue.Create(d))]),
                ["data_offsets"] = new JsonArray(offset, offset + size),
            };
            offset += size;
        }

        // The data starts at a multiple of eight bytes; blanks fill the header up.
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = (json.Length + 7) / 8 * 8;
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, padded);
        file.Write(length);
        file.Write(json);
        file.Write("        "u8[..(padded - json.Length)]);
        foreach (var (name, shape, values) in entries)
        {
            var data = values();
            if (data.LongLength != shape.Aggregate(1L, (product, dimension) => product * dimension))
            {
                throw new ArgumentException($"The tensor {name} has {data.LongLength} values, which is not its shape.", nameof(tensors));
            }

            file.Write(MemoryMarshal.AsBytes(data.AsSpan()));
        }

        file.Flush(flushToDisk: true);
    }
}
