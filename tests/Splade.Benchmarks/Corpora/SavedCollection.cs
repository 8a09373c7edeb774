using Splade.Evaluation.Collections;
using Splade.Evaluation.Collections.Csr;

namespace Splade.Benchmarks.Corpora;

/// <summary>Documents and queries as CSR files in a folder, written when they are not there yet.</summary>
internal static class SavedCollection
{
    private const string Documents = "docs.csr";
    private const string Queries = "queries.csr";

    /// <summary>Written last: says what the files hold.</summary>
    private const string Description = "collection.txt";

    /// <exception cref="InvalidDataException">The folder holds another collection, or files of something else.</exception>
    public static (VectorReader Documents, VectorReader Queries) In(string folder, string description, Func<(VectorReader Documents, VectorReader Queries)> make, CancellationToken cancellationToken)
    {
        if (File.Exists(folder))
        {
            throw new InvalidDataException($"{folder} is a file: name a folder.");
        }

        var file = Path.Combine(folder, Description);
        if (!File.Exists(file))
        {
            // What is there is not ours to write over.
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).FirstOrDefault() is { } other)
            {
                throw new InvalidDataException($"{folder} holds no collection, but {Path.GetFileName(other)}. Delete it or name another folder.");
            }

            using var madeFolder = new MadeFolder(folder);
            try
            {
                Write(make(), folder, cancellationToken);
                File.WriteAllText(file, description);
            }
            catch
            {
                // Else the next try would find a folder that is not empty.
                Array.ForEach([Documents, Queries, Description], f => File.Delete(Path.Combine(folder, f)));
                throw;
            }
        }
        else if (File.ReadAllText(file) is var saved && saved != description)
        {
            throw new InvalidDataException($"{folder} holds '{saved}', not '{description}'. Delete it or name another folder.");
        }

        return (VectorFiles.Open(Path.Combine(folder, Documents)), VectorFiles.Open(Path.Combine(folder, Queries)));
    }

    private static void Write((VectorReader Documents, VectorReader Queries) made, string folder, CancellationToken cancellationToken)
    {
        var columns = 0;
        Write(made.Documents.Rows(), Path.Combine(folder, Documents));

        // Queries in the documents' numbers; words that no document has get numbers after theirs.
        var vocabulary = made.Documents.Vocabulary;
        Write(
            made.Queries.Rows().Select(r => r with { Terms = Array.ConvertAll(r.Terms, t => Number(made.Queries.Vocabulary.Name(t))) }),
            Path.Combine(folder, Queries));

        int Number(string name) => vocabulary.IsNumbered ? vocabulary.Find(name)!.Value : vocabulary.Number(name);

        void Write(IEnumerable<SparseVector> rows, string path)
        {
            using var writer = new CsrWriter(path);
            foreach (var row in rows.Until(cancellationToken))
            {
                writer.Add(row.Terms, row.Weights);
                columns = Math.Max(columns, row.Terms.Length == 0 ? 0 : row.Terms.Max() + 1);
            }

            writer.Complete(columns);
            Console.Error.WriteLine($"{path}: {new FileInfo(path).Length:N0} bytes");
        }
    }
}
