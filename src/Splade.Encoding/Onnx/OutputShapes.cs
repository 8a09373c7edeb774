using static Splade.Encoding.Onnx.TensorProto.Types;

namespace Splade.Encoding.Onnx;

/// <summary>What a graph says about its outputs.</summary>
internal static class OutputShapes
{
    public static bool IsFloat(this ValueInfoProto output) => output.Type?.TensorType?.ElemType is (int)DataType.Float or (int)DataType.Float16;

    public static bool IsHalf(this ValueInfoProto output) => output.Type?.TensorType?.ElemType == (int)DataType.Float16;

    public static bool IsInteger(this ValueInfoProto output) => output.Type?.TensorType?.ElemType is (int)DataType.Int64 or (int)DataType.Int32;

    /// <summary>Null when the graph does not say.</summary>
    public static int? Rank(this ValueInfoProto output) => output.Type?.TensorType?.Shape?.Dim.Count;

    /// <summary>Size of the last axis; null when it varies or the graph does not say.</summary>
    public static long? Columns(this ValueInfoProto output) =>
        output.Type?.TensorType?.Shape?.Dim is { Count: > 0 } dim && dim[^1].ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue
            ? dim[^1].DimValue
            : null;
}
