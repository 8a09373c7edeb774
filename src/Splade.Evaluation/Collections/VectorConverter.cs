using System.Text.Encodings.Web;
using System.Text.Json;
using Splade.Evaluation.Collections.Ciff;
using Splade.Evaluation.Collections.Csr;
using Splade.Evaluation.Collections.Json;

namespace Splade.Evaluation.Collections;

/// <summary>A format of vector files.</summary>
public enum VectorFormat
{
    /// <summary>BigANN CSR.</summary>
    Csr,

    /// <summary>Common Index File Format.</summary>
    Ciff,

    /// <summary>Anserini's JsonVectorCollection.</summary>
    Anserini,

    /// <summary>Seismic's JSON lines.</summary>
    Seismic,
}

/// <summary>
/// Writes collections in another format, so that other engines can be measured on the same vectors. What goes into CSR together has the same columns: the numbers
/// that features have in files that know no names, else numbers in the order in which names are met, whose names are then in <see cref="TermsFile"/>.
/// </summary>
public static class VectorConverter
{
    /// <summary>Names of a folder's CSR columns in their order, a JSON array. Read again where <see cref="VectorFiles.Open"/> is asked for names.</summary>
    public const string TermsFile = "terms.json";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="sources">Documents, queries, or both.</param>
    /// <param name="format">The format to write.</param>
    /// <param name="folder">Takes a file a source, of the source's name; made if it is not there.</param>
    /// <param name="scale">Weights become this times the weight, rounded to an integer of at least 1; null leaves them. CIFF holds nothing else, and 100 is usual for SPLADE.</param>
    /// <param name="progress">Told the rows written.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The files written, in the order of the sources. Where it fails, none is, nor a folder that was not there, and files of the same names that were there before stay.</returns>
    /// <exception cref="VectorFileException">A source is malformed.</exception>
    /// <exception cref="ArgumentException">A weight is none that the format can hold, or two files would have one name, or one that of a source, or names of columns would not be theirs, or the folder is a file.</exception>
    public static IReadOnlyList<string> Convert(
        IReadOnlyList<VectorReader> sources, VectorFormat format, string folder, float? scale = null, Action<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var paths = sources.Select(s => Path.Combine(folder, Name(s.Path) + Ending(format))).ToArray();
        Check(sources, format, folder, paths);
        using var made = new MadeFolder(folder);
        var rows = 0L;
        using var files = new PendingFiles();
        if (format == VectorFormat.Csr)
        {
            WriteCsr();
        }
        else
        {
            for (var i = 0; i < paths.Length; i++)
            {
                Write(Rows(sources[i]), sources[i].Vocabulary, format, files.Add(paths[i]));
            }
        }

        files.Complete();
        return paths;

        void WriteCsr()
        {
            using var matrices = new CsrSet(sources);
            for (var i = 0; i < paths.Length; i++)
            {
                matrices.Add(Rows(sources[i]), sources[i].Vocabulary, files.Add(paths[i]));
            }

            matrices.Complete();
            if (matrices.Names is { } names)
            {
                File.WriteAllText(files.Add(Path.Combine(folder, TermsFile)), JsonSerializer.Serialize(names, Readable));
            }
        }

        IEnumerable<SparseVector> Rows(VectorReader source)
        {
            foreach (var row in source.Rows())
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return scale is { } by ? row with { Weights = Array.ConvertAll(row.Weights, w => w == 0 ? 0 : MathF.Max(1, MathF.Round(w * by))) } : row;
                progress?.Invoke(++rows);
            }
        }
    }

    private static void Check(IReadOnlyList<VectorReader> sources, VectorFormat format, string folder, string[] paths)
    {
        if (File.Exists(folder))
        {
            throw new ArgumentException($"{folder} is a file, but a folder is needed, which takes a file for each of those that are read: name another.", nameof(folder));
        }

        foreach (var path in paths)
        {
            if (paths.Count(p => p == path) > 1 || sources.Any(s => Path.GetFullPath(s.Path) == Path.GetFullPath(path)))
            {
                throw new ArgumentException($"{path} would be written over a file that is read or written, too: name another folder.", nameof(folder));
            }
        }

        var matrices = sources.OfType<CsrReader>().ToArray();
        if (matrices.FirstOrDefault(m => m.Vocabulary.IsNumbered) is { } numbered && matrices.FirstOrDefault(m => !m.Vocabulary.IsNumbered) is { } named)
        {
            throw new ArgumentException(
                $"The columns of {named.Path} have names in {TermsFile} beside it, those of {numbered.Path} have none, so that they would not meet: put {TermsFile} beside both or neither.", nameof(sources));
        }

        // It would be taken for the names of these files, or no longer be that of the others.
        var names = Path.Combine(folder, TermsFile);
        if (format == VectorFormat.Csr && File.Exists(names) && (sources.All(s => s.Vocabulary.IsNumbered)
            || Directory.EnumerateFiles(folder, "*" + Ending(format)).Select(Path.GetFileName).Except(paths.Select(Path.GetFileName)).Any()))
        {
            throw new ArgumentException($"{names} has the names of the columns of other CSR files: name another folder.", nameof(folder));
        }
    }

    private static void Write(IEnumerable<SparseVector> rows, Vocabulary vocabulary, VectorFormat format, string path)
    {
        if (format == VectorFormat.Ciff)
        {
            var lists = new CiffWriter(vocabulary);
            foreach (var row in rows)
            {
                lists.Add(row);
            }

            lists.Complete(path);
            return;
        }

        using var writer = new JsonVectorWriter(path, format == VectorFormat.Anserini ? JsonVectorDialect.Anserini : JsonVectorDialect.Seismic);
        foreach (var row in rows)
        {
            writer.Add(row, vocabulary);
        }
    }

    /// <summary>A file's or folder's name without the endings of formats.</summary>
    private static string Name(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        var ending = VectorFiles.Endings.Where(e => name.Length > e.Length && name.EndsWith(e, StringComparison.OrdinalIgnoreCase)).MaxBy(e => e.Length) ?? "";
        return name[..^ending.Length];
    }

    private static string Ending(VectorFormat format) => format switch
    {
        VectorFormat.Csr => ".csr",
        VectorFormat.Ciff => ".ciff",
        _ => ".jsonl",
    };
}
