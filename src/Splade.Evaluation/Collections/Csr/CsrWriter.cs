using System.Runtime.InteropServices;

namespace Splade.Evaluation.Collections.Csr;

/// <summary>
/// Writes a BigANN CSR file row by row, columns in ascending order, zeros left out. Ids and texts have no place in it. The three parts grow in files of
/// their own until <see cref="Complete"/> puts them together.
/// </summary>
public sealed class CsrWriter : IDisposable
{
    private readonly string _path;
    private readonly FileStream _starts;
    private readonly FileStream _columns;
    private readonly FileStream _weights;
    private long _rows;
    private long _nonZeros;
    private int _largestColumn = -1;

    public CsrWriter(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        _starts = Part(".starts");
        _columns = Part(".columns");
        _weights = Part(".weights");
        WriteStart();
    }

    /// <summary>The largest column number met plus one.</summary>
    public long UsedColumns => _largestColumn + 1L;

    /// <param name="terms">Column numbers, each once, in any order.</param>
    /// <param name="weights">As many, finite.</param>
    /// <exception cref="ArgumentException">A column is negative or stands twice, or a weight is not finite.</exception>
    public void Add(ReadOnlySpan<int> terms, ReadOnlySpan<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, terms.Length);
        var columns = terms.ToArray();
        var values = weights.ToArray();
        Array.Sort(columns, values);
        var kept = 0;
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] < 0 || (i > 0 && columns[i] == columns[i - 1]) || !float.IsFinite(values[i]))
            {
                throw new ArgumentException($"Row {_rows}: columns must be different and not negative and weights finite, but column {columns[i]} has {values[i]}.", nameof(terms));
            }

            if (values[i] != 0)
            {
                columns[kept] = columns[i];
                values[kept++] = values[i];
            }
        }

        _largestColumn = Math.Max(_largestColumn, kept > 0 ? columns[kept - 1] : -1);
        _columns.Write(MemoryMarshal.AsBytes(columns.AsSpan(0, kept)));
        _weights.Write(MemoryMarshal.AsBytes(values.AsSpan(0, kept)));
        _rows++;
        _nonZeros += kept;
        WriteStart();
    }

    /// <summary>Writes the file.</summary>
    /// <param name="columnCount">Columns of the matrix; at least the largest number met plus one, which is the default.</param>
    public void Complete(long columnCount = 0)
    {
        var header = new CsrHeader(_rows, Math.Max(columnCount, UsedColumns), _nonZeros);
        using var output = new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 17);
        output.Write(MemoryMarshal.AsBytes<long>([header.Rows, header.Columns, header.NonZeros]));
        foreach (var part in (FileStream[])[_starts, _columns, _weights])
        {
            part.Position = 0;
            part.CopyTo(output);
        }
    }

    public void Dispose() => Array.ForEach([_starts, _columns, _weights], Drop);

    private FileStream Part(string ending) => new(_path + ending, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 17, FileOptions.DeleteOnClose);

    /// <summary>The part goes, with what can not be written any more, as on a full disk: that failed before and has been told.</summary>
    private static void Drop(FileStream part)
    {
        try
        {
            part.Dispose();
        }
        catch (Exception exception) when (exception is IOException || FileTooLarge.Is(exception))
        {
        }
    }

    private void WriteStart() => _starts.Write(MemoryMarshal.AsBytes<long>([_nonZeros]));
}
