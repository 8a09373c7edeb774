using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Splade.Encoding.Packages;

namespace Splade.Encoding.Safetensors;

/// <summary>One safetensors file, open for reading. Safe for concurrent use.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    private const int ChunkElements = 1 << 20;
    private readonly SafeFileHandle _handle;

    private SafetensorsFile(string path, SafeFileHandle handle, Dictionary<string, TensorEntry> tensors)
    {
        Path = path;
        _handle = handle;
        Tensors = tensors;
    }

    public string Path { get; }

    public IReadOnlyDictionary<string, TensorEntry> Tensors { get; }

    /// <exception cref="ModelPackageException">The file is missing or broken.</exception>
    public static SafetensorsFile Open(string path)
    {
        try
        {
            using var stream = RegularFile.Open(path);
            var tensors = SafetensorsHeader.Read(stream, path, stream.Length);
            return new SafetensorsFile(path, File.OpenHandle(path), tensors);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelPackageException(path, $"The file can't be read: {exception.Message}", exception);
        }
    }

    /// <summary>A floating-point tensor, widened to float32.</summary>
    /// <exception cref="ModelPackageException">It is of another type, too large, or has a value that is no finite number.</exception>
    public float[] ReadFloats(TensorEntry tensor)
    {
        if (tensor.Type is not (TensorType.F32 or TensorType.F16 or TensorType.BF16 or TensorType.F64))
        {
            throw new ModelPackageException(Path, $"The tensor {tensor.Name} is of type {tensor.Type}; weights have to be F32, F16, BF16 or F64.");
        }

        var size = tensor.Type.Size();
        var count = tensor.Length / size;
        if (count > Array.MaxLength)
        {
            throw new ModelPackageException(Path, $"The tensor {tensor.Name} has {count} values, more than can be read.");
        }

        var values = new float[count];
        var buffer = new byte[(int)Math.Min(count, ChunkElements) * size];
        for (var done = 0; done < values.Length;)
        {
            var part = Math.Min(ChunkElements, values.Length - done);
            var bytes = buffer.AsSpan(0, part * size);
            ReadExactly(bytes, tensor.Start + ((long)done * size));
            Widen(bytes, tensor.Type, values.AsSpan(done, part));
            done += part;
        }

        var bad = values.AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        return bad < 0
            ? values
            : throw new ModelPackageException(Path, $"The tensor {tensor.Name} has the value {values[bad]} at position {bad}: the weights are damaged.");
    }

    public void Dispose() => _handle.Dispose();

    private static void Widen(ReadOnlySpan<byte> bytes, TensorType type, Span<float> values)
    {
        switch (type)
        {
            case TensorType.F32:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
                break;
            case TensorType.F16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
                break;
            case TensorType.F64:
                var doubles = MemoryMarshal.Cast<byte, double>(bytes);
                for (var i = 0; i < doubles.Length; i++)
                {
                    values[i] = (float)doubles[i];
                }

                break;
            default:
                // A bfloat16 is the upper half of a float32.
                var halves = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < halves.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
                }

                break;
        }
    }

    private void ReadExactly(Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            var read = RandomAccess.Read(_handle, bytes, offset);
            if (read == 0)
            {
                throw new ModelPackageException(Path, "The file ended while it was read.");
            }

            bytes = bytes[read..];
            offset += read;
        }
    }
}
