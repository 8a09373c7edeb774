using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Search;
using Splade.Cluster.Search.Leaf;
using Splade.Index;

namespace Splade.Cluster.Tests.Search;

/// <summary>Documents that score as their best passage, against every passage as a document of its own.</summary>
public sealed class PassageSearchTests
{
    private static readonly Gen<ImmutableArray<FeatureWeight>> Vectors =
        Gen.Select(Gen.Int[0, 6], Gen.Float[0.1f, 3f]).Array[1, 5].Select(features => features
            .DistinctBy(f => f.Item1).Select(f => new FeatureWeight($"t{f.Item1}", f.Item2)).ToImmutableArray());

    /// <summary>Passages of two fields, and a vector of a field without.</summary>
    private static readonly Gen<(ImmutableArray<FeatureWeight>[] Body, ImmutableArray<FeatureWeight>[] Title, ImmutableArray<FeatureWeight> Plain)[]> Collections =
        Gen.Select(Vectors.Array[0, 5], Vectors.Array[0, 3], Vectors).Array[1, 40];

    [Fact]
    public void The_best_passage_decides_in_every_position_with_other_fields_and_after_deletes() =>
        Gen.Select(Collections, Vectors, Gen.Int[0, 12], Gen.Int[0, 7], Gen.Bool.Array[40]).Sample((documents, vector, k, kinds, gone) =>
        {
            using var writer = IndexWriter.Open([]);
            using var flat = IndexWriter.Open([]);
            IndexReader? between = null;
            for (var d = 0; d < documents.Length; d++)
            {
                var (body, title, plain) = documents[d];
                writer.Index(Document(d, [.. Fields("body", body), .. Fields("title", title), new SparseField("plain", plain)]));
                for (var b = 0; b < Math.Max(1, body.Length); b++)
                {
                    for (var t = 0; t < Math.Max(1, title.Length); t++)
                    {
                        flat.Index(Document(
                            (((d * 10) + b) * 10) + t,
                            [.. Flat("body", body, b), .. Flat("title", title, t), new SparseField("plain", plain)]));
                    }
                }

                // Segments end in the middle.
                if (d % 11 == 10)
                {
                    between?.Dispose();
                    between = writer.Refresh();
                }
            }

            for (var d = 0; d < documents.Length; d++)
            {
                if (gone[d])
                {
                    writer.Delete(Id(d));
                }
            }

            between?.Dispose();
            using var reader = writer.Refresh();
            using var all = flat.Refresh();
            var body1 = new SparseVectorQuery("body", vector, 2f);
            var title1 = new SparseVectorQuery("title", vector, 0.5f);
            var plain1 = new SparseVectorQuery("plain", vector);
            Query query = kinds switch
            {
                0 or 1 => body1,
                2 => new SumQuery([body1, plain1], 3f),
                3 => new SumQuery([body1, title1, plain1]),
                4 => new SumQuery([title1, body1]),
                5 => new SumQuery([plain1, title1]),
                _ => title1,
            };
            var best = PassageSearch.Run(reader, new BestPassageQuery(query, ["body", "title"]), k, Index.SearchOptions.Exact, default);
            var expected = all.Search(query, 10_000).Hits
                .GroupBy(h => Id(int.Parse(h.Id, CultureInfo.InvariantCulture) / 100))
                .Where(g => !gone[int.Parse(g.Key, CultureInfo.InvariantCulture)])
                .Select(g => (Id: g.Key, Score: g.Max(h => h.Score)))
                .OrderByDescending(h => h.Score).ThenBy(h => h.Id, StringComparer.Ordinal).ToArray();
            best.Hits.Select(h => (h.Id, h.Score)).ShouldBe(expected.Take(k));
            (best.Total, best.TotalIsLowerBound).ShouldBe((expected.Length, false));
            foreach (var hit in best.Hits)
            {
                PassageSearch.Explain(reader, new BestPassageQuery(query, ["body", "title"]), hit.Id)!.Score.ShouldBe(hit.Score);
            }

            var limited = PassageSearch.Run(reader, new BestPassageQuery(query, ["body", "title"]), k, Index.SearchOptions.Exact with { CountLimit = 5 }, default);
            limited.Hits.ShouldBe(best.Hits);
            limited.Total.ShouldBe(Math.Min(5, expected.Length));
        });

    [Fact]
    public void What_static_pruning_left_out_of_a_passage_is_searched_with_it()
    {
        using var writer = IndexWriter.Open([]);
        var pruning = new StaticPruning { MaxFeatures = 1, KeepRest = true };
        FeatureWeight[][] passages = [[new("a", 3f), new("b", 1f)], [new("a", 1f), new("b", 3f)]];
        writer.Index(Document(1, [.. Fields("body", [.. passages.Select(p => p.ToImmutableArray())]).SelectMany(f => f.Name.EndsWith('s') ? [f] : pruning.Prune(f))]));
        using var reader = writer.Refresh();
        var kept = new SparseVectorQuery("body", [new FeatureWeight("a", 1f), new FeatureWeight("b", 2f)]);
        var whole = new BestPassageQuery(new SumQuery([kept, kept with { Field = StaticPruning.RestField("body") }]), ["body"]);
        PassageSearch.Run(reader, new BestPassageQuery(kept, ["body"]), 1, Index.SearchOptions.Exact, default).Hits[0].Score.ShouldBe(6);
        PassageSearch.Run(reader, whole, 1, Index.SearchOptions.Exact, default).Hits[0].Score.ShouldBe(7);
        PassageSearch.Explain(reader, whole, "1")!.Contributions.Select(c => c.Field).ShouldBe(["body#passage2", "body#passage2#rest"]);
    }

    private static IEnumerable<SparseField> Fields(string field, ImmutableArray<FeatureWeight>[] passages)
    {
        var (vectors, numbers) = PassageFields.Of(field, [.. passages]);
        return numbers is null ? vectors : vectors.Append(numbers);
    }

    private static IEnumerable<SparseField> Flat(string field, ImmutableArray<FeatureWeight>[] passages, int passage) =>
        passage < passages.Length ? [new SparseField(field, passages[passage])] : [];

    private static IndexDocument Document(int number, ImmutableArray<SparseField> fields) => new(Id(number), 1, number, default, fields);

    private static string Id(int number) => number.ToString(CultureInfo.InvariantCulture);
}
