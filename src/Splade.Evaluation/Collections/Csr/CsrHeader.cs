using System.Buffers.Binary;

namespace Splade.Evaluation.Collections.Csr;

/// <summary>
/// The sizes of a BigANN CSR file, and where its parts lie. All numbers are little-endian:
/// <code>
/// i64 rows, i64 columns, i64 non-zeros
/// i64 x (rows + 1)    where each row starts among the non-zeros; the first is 0, the last their number
/// i32 x non-zeros     columns
/// f32 x non-zeros     weights
/// </code>
/// Source: big-ann-benchmarks, NeurIPS 2023, sparse track (<c>write_sparse_matrix</c>).
/// </summary>
internal readonly record struct CsrHeader(long Rows, long Columns, long NonZeros)
{
    public const int Size = 24;

    public const int StartsOffset = Size;

    public long ColumnsOffset => StartsOffset + (8 * (Rows + 1));

    public long WeightsOffset => ColumnsOffset + (4 * NonZeros);

    public long FileSize => WeightsOffset + (4 * NonZeros);

    public static CsrHeader Of(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));

    /// <summary>Whether the first bytes of a file can be such a header.</summary>
    public static bool Fits(ReadOnlySpan<byte> bytes, long fileSize) => bytes.Length >= Size && Of(bytes).Problem(fileSize) is null;

    /// <summary>What is wrong with the sizes; null when they are those of the file. Nothing is allocated by them before.</summary>
    public string? Problem(long fileSize)
    {
        if (Rows < 0 || Columns < 0 || NonZeros < 0)
        {
            return $"the header counts {Rows} rows, {Columns} columns and {NonZeros} non-zeros: none may be negative.";
        }

        if (Columns > int.MaxValue)
        {
            return $"the header counts {Columns} columns, more than 32-bit column numbers can name.";
        }

        // The first two keep the products within 64 bits.
        return Rows > fileSize / 8 || NonZeros > fileSize / 8 || FileSize != fileSize
            ? $"the header counts {Rows} rows and {NonZeros} non-zeros, which does not fit a file of {fileSize} bytes: it is truncated, or no CSR file."
            : null;
    }
}
