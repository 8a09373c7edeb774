namespace Splade.Encoding.Safetensors;

/// <summary>Element types of the safetensors format.</summary>
internal enum TensorType
{
    Bool,
    U8,
    I8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F8E4M3,
    F8E5M2,
    F16,
    BF16,
    F32,
    F64,
}

internal static class TensorTypes
{
    private static readonly Dictionary<string, (TensorType Type, int Size)> ByName = new(StringComparer.Ordinal)
    {
        ["BOOL"] = (TensorType.Bool, 1),
        ["U8"] = (TensorType.U8, 1),
        ["I8"] = (TensorType.I8, 1),
        ["I16"] = (TensorType.I16, 2),
        ["U16"] = (TensorType.U16, 2),
        ["I32"] = (TensorType.I32, 4),
        ["U32"] = (TensorType.U32, 4),
        ["I64"] = (TensorType.I64, 8),
        ["U64"] = (TensorType.U64, 8),
        ["F8_E4M3"] = (TensorType.F8E4M3, 1),
        ["F8_E5M2"] = (TensorType.F8E5M2, 1),
        ["F16"] = (TensorType.F16, 2),
        ["BF16"] = (TensorType.BF16, 2),
        ["F32"] = (TensorType.F32, 4),
        ["F64"] = (TensorType.F64, 8),
    };

    public static bool TryParse(string name, out TensorType type)
    {
        var known = ByName.TryGetValue(name, out var entry);
        type = entry.Type;
        return known;
    }

    /// <summary>Bytes of an element.</summary>
    public static int Size(this TensorType type) => ByName.Values.First(e => e.Type == type).Size;
}
