using Splade.Evaluation.Collections.Ciff;
using Splade.Evaluation.Collections.Csr;
using Splade.Evaluation.Collections.Json;

namespace Splade.Evaluation.Collections;

/// <summary>Chooses the format of a vector collection.</summary>
public static class VectorFiles
{
    private static readonly string[] JsonEndings = [".jsonl", ".json", ".jsonl.gz", ".json.gz"];

    /// <summary>Endings of names that tell a format.</summary>
    internal static readonly string[] Endings = [.. JsonEndings, ".csr", ".ciff", ".ciff.gz"];

    /// <summary>
    /// Opens a collection: <c>.csr</c> is BigANN CSR, <c>.ciff</c> and <c>.ciff.gz</c> CIFF; <c>.jsonl</c> and <c>.json</c>, gzipped or not, and folders of such files are
    /// Anserini JsonVector or Seismic JSONL. A file of another name is told by its first bytes.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="columnNames">Columns of CSR have the names in <see cref="VectorConverter.TermsFile"/> beside the file, if there are any, instead of numbers.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="VectorFileException">The header is malformed, or the format is none of these.</exception>
    public static VectorReader Open(string path, bool columnNames = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            var files = Directory.EnumerateFiles(path).Where(IsJson).Order(StringComparer.Ordinal).ToArray();
            return files.Length > 0
                ? new JsonVectorReader(path, files)
                : throw new FileNotFoundException($"The folder {path} has no .jsonl or .json file, gzipped or not.", path);
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no file {path}.", path);
        }

        if (path.EndsWith(".csr", StringComparison.OrdinalIgnoreCase))
        {
            return OpenCsr(path, columnNames);
        }

        if (path.EndsWith(".csr.gz", StringComparison.OrdinalIgnoreCase))
        {
            throw VectorFileException.AtOffset(path, 0, "a CSR file is read at three places at once and can't be read packed: gunzip it first.");
        }

        if (path.EndsWith(".ciff", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".ciff.gz", StringComparison.OrdinalIgnoreCase))
        {
            return new CiffReader(path);
        }

        return IsJson(path) ? new JsonVectorReader(path, [path]) : OpenByContent(path, columnNames);
    }

    internal static bool IsJson(string path) => JsonEndings.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    private static CsrReader OpenCsr(string path, bool columnNames) => columnNames ? CsrReader.WithNames(path) : new CsrReader(path);

    private static VectorReader OpenByContent(string path, bool columnNames)
    {
        Span<byte> start = stackalloc byte[256];
        int length;
        using (var stream = TextFiles.Open(path))
        {
            length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }

        var text = start[..length].TrimStart(" \t\r\n\uFEFF"u8);
        if (text is [(byte)'{', ..])
        {
            return new JsonVectorReader(path, [path]);
        }

        return CsrHeader.Fits(start[..length], new FileInfo(path).Length)
            ? OpenCsr(path, columnNames)
            : throw VectorFileException.AtOffset(path, 0, "neither CSR (a header whose sizes fit the file) nor JSON lines. A CIFF file must be named .ciff or .ciff.gz.");
    }
}
