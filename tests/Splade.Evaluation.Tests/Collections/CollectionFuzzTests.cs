using Splade.Evaluation.Collections;
using Splade.Evaluation.Collections.Ciff;
using Splade.Evaluation.Collections.Csr;
using Splade.Evaluation.Collections.Json;
using Splade.Tests;

namespace Splade.Evaluation.Tests.Collections;

/// <summary>Damaged vector files end in rows or in a typed error, never in another exception, a crash or an endless loop.</summary>
public sealed class CollectionFuzzTests
{
    private const int Rounds = 3000;

    [Theory]
    [InlineData("rows.csr")]
    [InlineData("rows.ciff")]
    [InlineData("rows.ciff.gz")]
    [InlineData("rows.jsonl")]
    [InlineData("rows.jsonl.gz")]
    public async Task Damaged_files_are_read_or_refused(string name)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, name);
        Write(path);
        var good = File.ReadAllBytes(path);
        var mutator = new Mutator(17);
        var refused = 0;
        var run = Task.Run(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                File.WriteAllBytes(path, mutator.DamageOrResize(good));
                try
                {
                    VectorFiles.Open(path).Rows().Count().ShouldBeGreaterThanOrEqualTo(0);
                }
                catch (VectorFileException exception)
                {
                    exception.File.ShouldBe(path);
                    refused++;
                }
            }
        });
        await run.WaitAsync(TimeSpan.FromMinutes(5));
        refused.ShouldBeGreaterThan(Rounds / 4);
    }

    private static void Write(string path)
    {
        var vocabulary = Vocabulary.OfWords();
        SparseVector[] rows = [.. Enumerable.Range(0, 9).Select(r => new SparseVector(
            $"d{r}", [.. Enumerable.Range(0, r).Select(t => vocabulary.Number($"t{t * 3}"))], [.. Enumerable.Range(0, r).Select(t => 1f + (t * r))], "text"))];
        if (path.EndsWith(".csr", StringComparison.Ordinal))
        {
            using var csr = new CsrWriter(path);
            Array.ForEach(rows, r => csr.Add(r.Terms, r.Weights));
            csr.Complete();
        }
        else if (path.Contains(".ciff", StringComparison.Ordinal))
        {
            var ciff = new CiffWriter(vocabulary);
            Array.ForEach(rows, ciff.Add);
            ciff.Complete(path);
        }
        else
        {
            using var json = new JsonVectorWriter(path, JsonVectorDialect.Anserini);
            Array.ForEach(rows, r => json.Add(r, vocabulary));
        }
    }
}
