using System.Collections.Immutable;
using Splade.Evaluation.Collections;
using Splade.Index;

namespace Splade.Evaluation.Speed;

/// <summary>What one pass over the documents finds, and the queries in the documents' terms.</summary>
internal sealed class BenchmarkCollection
{
    private readonly VectorReader _documents;
    private readonly TermNumbers _terms = new();

    private BenchmarkCollection(VectorReader documents) => _documents = documents;

    public int DocumentCount { get; private set; }

    /// <summary>Terms have numbers from 0 to this.</summary>
    public int TermCount => _terms.Count;

    public long PostingCount { get; private set; }

    public Quantisation Quantisation { get; private set; }

    /// <exception cref="FormatException">A weight is negative, or the file malformed.</exception>
    public static BenchmarkCollection Scan(VectorReader documents, Action<BenchmarkProgress> progress, CancellationToken cancellationToken)
    {
        var collection = new BenchmarkCollection(documents);
        var largest = 0f;
        var integers = true;
        foreach (var row in documents.Rows())
        {
            CheckWeights(row, documents.Path);
            for (var i = 0; i < row.Terms.Length; i++)
            {
                if (row.Weights[i] > 0)
                {
                    collection._terms.Add(row.Terms[i]);
                    collection.PostingCount++;
                    largest = Math.Max(largest, row.Weights[i]);
                    integers &= row.Weights[i] == MathF.Floor(row.Weights[i]);
                }
            }

            if (++collection.DocumentCount % 4096 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress(new BenchmarkProgress("reading", collection.DocumentCount, documents.RowCount ?? 0));
            }
        }

        collection.Quantisation = Quantisation.Of(largest, integers);
        return collection;
    }

    /// <summary>The documents again, in the collection's own term numbers.</summary>
    public IEnumerable<(SparseVector Row, int[] Terms)> Rows()
    {
        foreach (var row in _documents.Rows())
        {
            // A term that only has weights of 0 has no number.
            yield return (row, Array.ConvertAll(row.Terms, _terms.Find));
        }
    }

    /// <summary>A row as the engine takes it. Its id is its number, padded so that ids are in the order of numbers.</summary>
    public IndexDocument ToDocument(SparseVector row, int number)
    {
        var features = ImmutableArray.CreateBuilder<FeatureWeight>(row.Terms.Length);
        for (var i = 0; i < row.Terms.Length; i++)
        {
            if (row.Weights[i] > 0)
            {
                features.Add(new FeatureWeight(_documents.Vocabulary.Name(row.Terms[i]), row.Weights[i]));
            }
        }

        return new IndexDocument(IdOf(number), 1, number, default, [new SparseField(EngineIndex.Field, features.DrainToImmutable())]);
    }

    public string IdOf(int number) => number.ToString("D" + (DocumentCount - 1).ToString(System.Globalization.CultureInfo.InvariantCulture).Length, System.Globalization.CultureInfo.InvariantCulture);

    public IReadOnlyList<BenchmarkQuery> ReadQueries(VectorReader queries, int limit)
    {
        var read = new List<BenchmarkQuery>();
        foreach (var row in queries.Rows().Take(limit))
        {
            CheckWeights(row, queries.Path);
            var features = ImmutableArray.CreateBuilder<FeatureWeight>(row.Terms.Length);
            var terms = new List<int>(row.Terms.Length);
            var weights = new List<float>(row.Terms.Length);
            for (var i = 0; i < row.Terms.Length; i++)
            {
                if (row.Weights[i] == 0)
                {
                    continue;
                }

                var name = queries.Vocabulary.Name(row.Terms[i]);
                features.Add(new FeatureWeight(name, row.Weights[i]));
                if (_documents.Vocabulary.Find(name) is { } known && _terms.Find(known) is >= 0 and var number)
                {
                    terms.Add(number);
                    weights.Add(row.Weights[i]);
                }
            }

            read.Add(new BenchmarkQuery(new SparseVectorQuery(EngineIndex.Field, features.DrainToImmutable()), [.. terms], [.. weights]));
        }

        return read.Count > 0 ? read : throw new FormatException($"{queries.Path} has no queries.");
    }

    private static void CheckWeights(SparseVector row, string path)
    {
        foreach (var weight in row.Weights)
        {
            if (weight < 0)
            {
                throw new FormatException($"{path}: row '{row.Id}' has the weight {weight}; the engine ranks by sums that only grow, so weights must not be negative.");
            }
        }
    }
}

/// <summary>A query for every contender.</summary>
/// <param name="Query">For the engine.</param>
/// <param name="Terms">Its terms that any document has, in the collection's numbers.</param>
/// <param name="Weights">As many.</param>
internal sealed record BenchmarkQuery(SparseVectorQuery Query, int[] Terms, float[] Weights);
