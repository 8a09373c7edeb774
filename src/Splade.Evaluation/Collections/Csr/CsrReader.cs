using System.Runtime.InteropServices;

namespace Splade.Evaluation.Collections.Csr;

/// <summary>Reads a BigANN CSR file (<see cref="CsrHeader"/>) row by row. Ids are row numbers from 0, features column numbers, which may have names beside the file.</summary>
public sealed class CsrReader : VectorReader
{
    private readonly CsrHeader _header;

    /// <exception cref="VectorFileException">The header does not fit the file.</exception>
    public CsrReader(string path)
        : this(path, ReadHeader(path), Vocabulary.OfNumbers())
    {
    }

    private CsrReader(string path, CsrHeader header, Vocabulary vocabulary)
        : base(path, vocabulary) => _header = header;

    public override long? RowCount => _header.Rows;

    /// <summary>Number of columns that the header claims; no array of this size is ever made.</summary>
    public long ColumnCount => _header.Columns;

    /// <summary>Columns have the names that stand in <see cref="VectorConverter.TermsFile"/> beside the file; numbers where there is none.</summary>
    /// <exception cref="VectorFileException">The header does not fit the file.</exception>
    public static CsrReader WithNames(string path)
    {
        var header = ReadHeader(path);
        return new CsrReader(path, header, ColumnNames.Beside(path, header.Columns) ?? Vocabulary.OfNumbers());
    }

    public override IEnumerable<SparseVector> Rows()
    {
        using var starts = Open(Path, CsrHeader.StartsOffset);
        using var columns = Open(Path, _header.ColumnsOffset);
        using var weights = Open(Path, _header.WeightsOffset);
        var start = ReadStart(starts, 0);
        if (start != 0)
        {
            throw VectorFileException.AtOffset(Path, CsrHeader.StartsOffset, $"the first row starts at non-zero {start} instead of 0.");
        }

        var seen = new HashSet<int>();
        for (var row = 0L; row < _header.Rows; row++)
        {
            var end = ReadStart(starts, row + 1);
            if (end < start || end > _header.NonZeros || (row == _header.Rows - 1 && end != _header.NonZeros))
            {
                throw VectorFileException.AtOffset(
                    Path, CsrHeader.StartsOffset + (8 * (row + 1)), $"row {row} is said to hold non-zeros {start} to {end} of {_header.NonZeros}.");
            }

            if (end - start > _header.Columns)
            {
                throw VectorFileException.AtOffset(
                    Path, CsrHeader.StartsOffset + (8 * (row + 1)), $"row {row} is said to hold {end - start} non-zeros, but there are {_header.Columns} columns.");
            }

            var vector = new SparseVector(row.ToString(System.Globalization.CultureInfo.InvariantCulture), new int[end - start], new float[end - start]);
            Read(columns, MemoryMarshal.AsBytes(vector.Terms.AsSpan()));
            Read(weights, MemoryMarshal.AsBytes(vector.Weights.AsSpan()));
            Check(vector, row, start, seen);
            yield return vector;
            start = end;
        }
    }

    private void Check(SparseVector vector, long row, long start, HashSet<int> seen)
    {
        var previous = -1;
        var ascending = true;
        for (var i = 0; i < vector.Terms.Length; i++)
        {
            var column = vector.Terms[i];
            if (column < 0 || column >= _header.Columns)
            {
                throw VectorFileException.AtOffset(
                    Path, _header.ColumnsOffset + (4 * (start + i)), $"row {row} has column {column}, but there are columns 0 to {_header.Columns - 1} only.");
            }

            if (!float.IsFinite(vector.Weights[i]))
            {
                throw VectorFileException.AtOffset(Path, _header.WeightsOffset + (4 * (start + i)), $"row {row} has the weight {vector.Weights[i]} in column {column}.");
            }

            ascending &= column > previous;
            previous = column;
        }

        if (ascending)
        {
            return;
        }

        seen.Clear();
        for (var i = 0; i < vector.Terms.Length; i++)
        {
            if (!seen.Add(vector.Terms[i]))
            {
                throw VectorFileException.AtOffset(Path, _header.ColumnsOffset + (4 * (start + i)), $"row {row} has column {vector.Terms[i]} twice.");
            }
        }
    }

    private long ReadStart(FileStream stream, long row)
    {
        Span<byte> bytes = stackalloc byte[8];
        Read(stream, bytes);
        var start = BitConverter.ToInt64(bytes);
        return start >= 0
            ? start
            : throw VectorFileException.AtOffset(Path, CsrHeader.StartsOffset + (8 * row), $"a row starts at non-zero {start}.");
    }

    /// <summary>The sizes were checked against the file, so its end comes only when somebody cuts it meanwhile.</summary>
    private void Read(FileStream stream, Span<byte> bytes)
    {
        var offset = stream.Position;
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw VectorFileException.AtOffset(Path, offset, "the file ends in the middle.");
        }
    }

    private static CsrHeader ReadHeader(string path)
    {
        using var file = Open(path, 0);
        Span<byte> bytes = stackalloc byte[CsrHeader.Size];
        if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw VectorFileException.AtOffset(path, 0, $"a CSR file starts with {CsrHeader.Size} bytes of sizes, but this one has {file.Length}.");
        }

        var header = CsrHeader.Of(bytes);
        return header.Problem(file.Length) is { } problem ? throw VectorFileException.AtOffset(path, 0, problem) : header;
    }

    private static FileStream Open(string path, long offset)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.SequentialScan);
        stream.Position = offset;
        return stream;
    }
}
