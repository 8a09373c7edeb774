namespace Splade.Evaluation.Collections;

/// <summary>A vector file is malformed, truncated, or says what it can't hold. The message names the file and the place.</summary>
public sealed class VectorFileException : FormatException
{
    private VectorFileException(string message, string file, long? line, long? offset, Exception? inner)
        : base(message, inner)
    {
        File = file;
        Line = line;
        Offset = offset;
    }

    public string File { get; }

    /// <summary>From 1; null in a binary file.</summary>
    public long? Line { get; }

    /// <summary>In bytes from the start of the (unpacked) file; null in a text file.</summary>
    public long? Offset { get; }

    internal static VectorFileException AtLine(string file, long line, string problem, Exception? inner = null) =>
        new($"{file}, line {line}: {problem}", file, line, null, inner);

    internal static VectorFileException AtOffset(string file, long offset, string problem, Exception? inner = null) =>
        new($"{file}, byte {offset}: {problem}", file, null, offset, inner);
}
