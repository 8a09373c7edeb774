using System.Runtime.InteropServices;
using Splade.Encoding;
using Splade.Training.Runs;

namespace Splade.Training.Distillation;

/// <summary>
/// A dense encoder's vectors of texts, kept in a file of float16 rows in the order of the texts. A run that was stopped goes on behind the last
/// whole row.
/// </summary>
internal static class TeacherVectors
{
    private const int TextsAtATime = 256;

    /// <param name="open">Opens an encoder that uses one thread.</param>
    /// <param name="threads">Encoders that work side by side.</param>
    /// <param name="path">Of the file.</param>
    /// <returns>One row for each text.</returns>
    public static Half[][] Encode(
        IReadOnlyList<string> texts, Func<IDenseEncoder> open, int threads, string path, string name, IRunProgress progress, CancellationToken cancellationToken)
    {
        var sizeFile = path + ".size";
        if (!File.Exists(sizeFile) || !int.TryParse(File.ReadAllText(sizeFile), out var size) || new FileInfo(path) is not { Exists: true } file || file.Length != (long)size * texts.Count * 2)
        {
            IDenseEncoder[] encoders = [.. Enumerable.Range(0, threads).Select(_ => open())];
            try
            {
                size = encoders[0].Dimensions;
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(sizeFile, size.ToString(System.Globalization.CultureInfo.InvariantCulture));
                Append(texts, encoders, path, name, progress, cancellationToken);
            }
            finally
            {
                Array.ForEach(encoders, e => e.Dispose());
            }
        }

        var bytes = File.ReadAllBytes(path);
        return [.. Enumerable.Range(0, texts.Count).Select(i => MemoryMarshal.Cast<byte, Half>(bytes.AsSpan(i * size * 2, size * 2)).ToArray())];
    }

    private static void Append(
        IReadOnlyList<string> texts, IDenseEncoder[] encoders, string path, string name, IRunProgress progress, CancellationToken cancellationToken)
    {
        var row = encoders[0].Dimensions * 2;
        using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var done = (int)Math.Min(stream.Length / row, texts.Count);
        stream.SetLength((long)done * row);
        stream.Position = stream.Length;
        progress.Begin(name, done, texts.Count);
        foreach (var chunk in texts.Skip(done).Chunk(TextsAtATime * encoders.Length))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string[][] parts = [.. chunk.Chunk(TextsAtATime)];
            var vectors = new IReadOnlyList<float[]>[parts.Length];
            Parallel.For(0, parts.Length, i => vectors[i] = encoders[i].EncodeDocuments(parts[i], cancellationToken));
            foreach (var vector in vectors.SelectMany(v => v))
            {
                Half[] half = [.. vector.Select(v => (Half)v)];
                stream.Write(MemoryMarshal.AsBytes(half.AsSpan()));
            }

            stream.Flush(flushToDisk: true);
            done += chunk.Length;
            progress.Advance(done);
        }

        progress.End();
    }
}
