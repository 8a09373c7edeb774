using System.IO.Compression;

namespace Splade.Evaluation;

/// <summary>A gzipped file, one member or several; says which file it is when it can't be unpacked.</summary>
internal sealed class PackedFile(FileStream file) : GZipStream(file, CompressionMode.Decompress)
{
    /// <summary>What to do about it.</summary>
    public const string Problem = "the packed file is damaged here or ends in the middle: copy it again.";

    /// <summary>The base class brings reads into spans here, too.</summary>
    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            return base.Read(buffer, offset, count);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{file.Name}, byte {file.Position}: {Problem}", exception);
        }
    }
}
