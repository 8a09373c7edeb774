namespace Splade.Encoding.Safetensors;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Start">Offset of its first byte in the file.</param>
/// <param name="Length">In bytes; the type's size times the product of the shape.</param>
internal sealed record TensorEntry(string Name, TensorType Type, long[] Shape, long Start, long Length);
