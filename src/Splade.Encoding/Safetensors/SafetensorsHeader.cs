using System.Buffers.Binary;
using System.Text.Json;

namespace Splade.Encoding.Safetensors;

/// <summary>
/// The header of a safetensors file: eight bytes with its length, then JSON {name: {dtype, shape, data_offsets}}, then the data, covered by the
/// tensors without gap or overlap (https://github.com/huggingface/safetensors, section Format). All of it is checked against the length of the
/// file before anything is allocated, so that a header can't ask for memory or for bytes that are not its own.
/// </summary>
internal static class SafetensorsHeader
{
    // As the reference implementation limits it.
    private const long MaxBytes = 100_000_000;
    private const int LengthBytes = 8;

    /// <param name="path">For messages.</param>
    /// <param name="length">Of the file in bytes.</param>
    /// <exception cref="ModelPackageException">The header is broken; the message says how.</exception>
    public static Dictionary<string, TensorEntry> Read(Stream file, string path, long length)
    {
        if (length < LengthBytes)
        {
            throw Error($"The file has {length} bytes, which is no safetensors file.");
        }

        Span<byte> prefix = stackalloc byte[LengthBytes];
        file.ReadExactly(prefix);
        if (prefix.SequenceEqual("version "u8))
        {
            throw Error("This is a pointer of Git LFS, not the weights themselves: get them with 'git lfs pull'.");
        }

        var size = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (size > MaxBytes || (long)size > length - LengthBytes)
        {
            throw Error($"The header should have {size} bytes; the file has {length}, and a header at most {MaxBytes}.");
        }

        var json = new byte[size];
        file.ReadExactly(json);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var tensors = ReadTensors(document.RootElement, path, LengthBytes + (long)size, length - LengthBytes - (long)size);
            CheckCovered(tensors.Values, path, LengthBytes + (long)size, length);
            return tensors;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ModelPackageException(path, $"The header is no valid JSON: {exception.Message}", exception);
        }

        ModelPackageException Error(string message) => new(path, message);
    }

    private static Dictionary<string, TensorEntry> ReadTensors(JsonElement header, string path, long dataStart, long dataLength)
    {
        if (header.ValueKind != JsonValueKind.Object)
        {
            throw new ModelPackageException(path, "The header is no JSON object.");
        }

        var tensors = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        foreach (var property in header.EnumerateObject())
        {
            if (property.Name != "__metadata__" && !tensors.TryAdd(property.Name, ReadTensor(property, path, dataStart, dataLength)))
            {
                throw new ModelPackageException(path, $"The header names the tensor {property.Name} twice.");
            }
        }

        return tensors;
    }

    private static TensorEntry ReadTensor(JsonProperty property, string path, long dataStart, long dataLength)
    {
        var value = property.Value;
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out var shape) || !TryNumbers(shape, out var dimensions)
            || !value.TryGetProperty("data_offsets", out var offsets) || !TryNumbers(offsets, out var span) || span.Length != 2)
        {
            throw Error("needs a dtype, a shape and two data_offsets, none of them negative");
        }

        if (!TensorTypes.TryParse(dtype.GetString()!, out var type))
        {
            throw Error($"has the unknown dtype {dtype.GetString()}");
        }

        if (span[0] > span[1])
        {
            throw Error($"has data_offsets that end before they begin ({span[0]}, {span[1]})");
        }

        if (span[1] > dataLength)
        {
            throw Error($"ends at byte {span[1]} of the data, of which the file has {dataLength} (is the file cut off?)");
        }

        return ByteCount(dimensions, type) is { } bytes && bytes == span[1] - span[0]
            ? new TensorEntry(property.Name, type, dimensions, dataStart + span[0], span[1] - span[0])
            : throw Error($"has {span[1] - span[0]} bytes, which is not what {dtype.GetString()} [{string.Join(", ", dimensions)}] needs");

        ModelPackageException Error(string message) => new(path, $"The tensor {property.Name} {message}.");
    }

    private static bool TryNumbers(JsonElement array, out long[] numbers)
    {
        numbers = [];
        if (array.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        numbers = new long[array.GetArrayLength()];
        var i = 0;
        foreach (var number in array.EnumerateArray())
        {
            if (number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out numbers[i]) || numbers[i] < 0)
            {
                return false;
            }

            i++;
        }

        return true;
    }

    /// <summary>Null when the product overflows.</summary>
    private static long? ByteCount(long[] shape, TensorType type)
    {
        try
        {
            return shape.Aggregate((long)type.Size(), (product, dimension) => checked(product * dimension));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static void CheckCovered(IEnumerable<TensorEntry> tensors, string path, long start, long end)
    {
        var position = start;
        foreach (var tensor in tensors.OrderBy(t => t.Start).ThenBy(t => t.Length))
        {
            if (tensor.Start != position)
            {
                throw new ModelPackageException(
                    path, $"The tensor {tensor.Name} {(tensor.Start < position ? "overlaps another" : "leaves a gap before it")} (data_offsets from {tensor.Start - start}).");
            }

            position += tensor.Length;
        }

        if (position != end)
        {
            throw new ModelPackageException(path, $"The last {end - position} bytes of the file belong to no tensor.");
        }
    }
}
