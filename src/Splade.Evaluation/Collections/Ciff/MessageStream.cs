using Google.Protobuf;

namespace Splade.Evaluation.Collections.Ciff;

/// <summary>Protobuf messages one after another, each preceded by its length. A message is valid until the next is read.</summary>
internal sealed class MessageStream(string path) : IDisposable
{
    /// <summary>A message is read in steps of this size at first, so that a length that no bytes follow allocates little.</summary>
    private const int FirstBytes = 1 << 16;

    private readonly Stream _stream = new BufferedStream(TextFiles.Open(path), 1 << 17);
    private byte[] _buffer = new byte[FirstBytes];

    /// <summary>Where the message read last starts, behind its length.</summary>
    public long MessageOffset { get; private set; }

    /// <summary>Bytes read so far, unpacked.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether nothing follows. Reads on: only to be asked when nothing should.</summary>
    public bool Ends() => ReadByte() < 0;

    /// <param name="what">Which message comes, for the error.</param>
    public ArraySegment<byte> Read(string what)
    {
        var length = ReadLength(what);
        MessageOffset = Offset;
        var read = 0;
        while (read < length)
        {
            if (read == _buffer.Length)
            {
                Array.Resize(ref _buffer, (int)Math.Min(length, (long)_buffer.Length * 2));
            }

            var some = ReadSome(_buffer.AsSpan(read, Math.Min(_buffer.Length, length) - read));
            if (some == 0)
            {
                throw VectorFileException.AtOffset(path, MessageOffset, $"the {what} here is said to have {length} bytes, but the file ends after {read}.");
            }

            read += some;
        }

        Offset += length;
        return new ArraySegment<byte>(_buffer, 0, length);
    }

    /// <summary>A small message, parsed as a whole.</summary>
    public T Read<T>(MessageParser<T> parser, string what)
        where T : IMessage<T>
    {
        var bytes = Read(what);
        try
        {
            return parser.ParseFrom(bytes.Array, bytes.Offset, bytes.Count);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw VectorFileException.AtOffset(path, MessageOffset, $"no {what} stands here: {exception.Message}", exception);
        }
    }

    public void Dispose() => _stream.Dispose();

    private int ReadLength(string what)
    {
        var start = Offset;
        var value = 0UL;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var one = ReadByte();
            if (one < 0)
            {
                throw VectorFileException.AtOffset(path, Offset, $"the file ends where a {what} is expected.");
            }

            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
            {
                return value <= (ulong)Array.MaxLength
                    ? (int)value
                    : throw VectorFileException.AtOffset(path, start, $"the {what} here is said to have {value} bytes.");
            }
        }

        throw VectorFileException.AtOffset(path, start, $"no length of a {what} stands here.");
    }

    private int ReadByte()
    {
        Span<byte> single = stackalloc byte[1];
        if (ReadSome(single) == 0)
        {
            return -1;
        }

        Offset++;
        return single[0];
    }

    private int ReadSome(Span<byte> bytes)
    {
        try
        {
            return _stream.Read(bytes);
        }
        catch (InvalidDataException exception)
        {
            throw VectorFileException.AtOffset(path, Offset, PackedFile.Problem, exception);
        }
    }
}
