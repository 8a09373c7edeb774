namespace Splade.Evaluation.Collections.Json;

/// <summary>Lines of UTF-8 as bytes. A line is valid until the next is read; line ends and a byte order mark are no part of it.</summary>
/// <param name="stream">Where they come from; disposed of with the reader.</param>
/// <param name="path">Of the file, for messages.</param>
public sealed class LineReader(Stream stream, string path) : IDisposable
{
    /// <summary>No row of a sparse collection is longer; a file without line ends must not fill the memory.</summary>
    public const int MaxLineBytes = 256 << 20;

    private byte[] _buffer = new byte[1 << 17];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Number of the line read last, from 1.</summary>
    public long Number { get; private set; }

    /// <returns>False at the end of the file.</returns>
    /// <exception cref="VectorFileException">The line is too long, or the packed file damaged.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                line = Take(searched + found, skip: 1);
                return true;
            }

            searched = _end - _start;
            if (_ended)
            {
                line = searched > 0 ? Take(searched, skip: 0) : default;
                return searched > 0;
            }

            Fill();
        }
    }

    public void Dispose() => stream.Dispose();

    private ReadOnlyMemory<byte> Take(int length, int skip)
    {
        var line = _buffer.AsMemory(_start, length);
        _start += length + skip;
        if (++Number == 1 && line.Span.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }

        return line.Span is [.., (byte)'\r'] ? line[..^1] : line;
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        else if (_end == _buffer.Length)
        {
            if (_end >= MaxLineBytes)
            {
                throw VectorFileException.AtLine(path, Number + 1, $"the line has more than {MaxLineBytes >> 20} MB: one JSON object a line is expected.");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        try
        {
            var read = stream.Read(_buffer.AsSpan(_end));
            _ended = read == 0;
            _end += read;
        }
        catch (InvalidDataException exception)
        {
            throw VectorFileException.AtLine(path, Number + 1, PackedFile.Problem, exception);
        }
    }
}
