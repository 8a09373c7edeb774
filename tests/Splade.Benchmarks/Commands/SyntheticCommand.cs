using System.CommandLine;
using Splade.Benchmarks.Corpora;
using Splade.Evaluation.Collections;
using Splade.Evaluation.Collections.Csr;

namespace Splade.Benchmarks.Commands;

/// <summary>Measures on vectors that look like those of SPLADE models, or writes them as CSR files for other engines.</summary>
internal static class SyntheticCommand
{
    public static Command Create()
    {
        var shape = new Option<string>("--shape") { Description = "splade, bm25, long or wide.", DefaultValueFactory = _ => "splade" };
        shape.AcceptOnlyFromAmong([.. CorpusShape.All.Keys]);
        var documents = new Option<int>("--documents") { Description = "Documents.", DefaultValueFactory = _ => 1_000_000 };
        var queries = new Option<int>("--queries") { Description = "Queries.", DefaultValueFactory = _ => 500 };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same vectors.", DefaultValueFactory = _ => 1 };
        var flat = new Option<bool>("--no-structure") { Description = "Without topics: nothing that pruning could use." };
        var write = new Option<string?>("--write") { Description = "Write docs.csr and queries.csr into this folder instead of measuring." };
        var measure = new MeasureOptions();
        var command = new Command("synthetic", "Vectors with the statistics of SPLADE models. Example: synthetic --documents 200000 --k 10,1000")
        {
            shape, documents, queries, seed, flat, write,
        };
        measure.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            var chosen = CorpusShape.All[parsed.GetValue(shape)!];
            var corpus = new SyntheticCorpus(parsed.GetValue(flat) ? chosen with { TopicShare = 0 } : chosen, parsed.GetValue(documents), parsed.GetValue(seed));
            var asked = corpus.Queries(parsed.GetValue(queries));
            var kept = parsed.GetValue(write);
            var folder = Directory.CreateDirectory(kept ?? Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
            try
            {
                // Measured from a file, so that drawing random numbers is no part of the build.
                var path = Path.Combine(folder.FullName, "docs.csr");
                Write(corpus.Documents, path, chosen.Vocabulary);
                if (kept is null)
                {
                    measure.Run(parsed, VectorFiles.Open(path), asked, int.MaxValue, cancellationToken);
                }
                else
                {
                    Write(asked, Path.Combine(folder.FullName, "queries.csr"), chosen.Vocabulary);
                }
            }
            finally
            {
                if (kept is null)
                {
                    folder.Delete(recursive: true);
                }
            }

            return Task.FromResult(0);
        });
        return command;
    }

    private static void Write(VectorReader rows, string path, int columns)
    {
        using var writer = new CsrWriter(path);
        foreach (var row in rows.Rows())
        {
            writer.Add(row.Terms, row.Weights);
        }

        writer.Complete(columns);
        Console.Error.WriteLine($"{path}: {new FileInfo(path).Length:N0} bytes");
    }
}
