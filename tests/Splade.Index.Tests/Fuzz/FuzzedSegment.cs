using System.Collections.Immutable;
using Splade.Index.Merging;
using Splade.Index.Segments;

namespace Splade.Index.Tests.Fuzz;

/// <summary>A segment with every kind of list, and everything that a damaged copy of it is asked to do.</summary>
internal static class FuzzedSegment
{
    /// <summary>Enough for an order by similarity, bounds and the pruned plan.</summary>
    private const int Documents = 9000;

    private static readonly SparseVectorQuery Model = new("model", [.. Enumerable.Range(0, 24).Select(t => new FeatureWeight($"m{t * t}", 1f + t))]);
    private static readonly SparseVectorQuery Text = new("text", [new FeatureWeight("t1", 3f), new FeatureWeight("t40", 2f), new FeatureWeight("t399", 1f), new FeatureWeight("t3500", 5f)]);

    private static readonly Query[] Queries = [Model, Text, new SumQuery([Model, Text]), new MatchAllQuery()];

    private static readonly SearchOptions[] Options =
    [
        SearchOptions.Exact,
        SearchOptions.Exact with { CountLimit = 0 },
        SearchOptions.Exact with { CountLimit = 0, BoundScale = 0.6 },
        SearchOptions.Exact with { CountLimit = 0, MaxSuperblocks = 5 },
    ];

    /// <summary>A reordered segment of two fields, whose terms are in anything from one to all documents.</summary>
    /// <param name="prefix">Of the ids, in front of numbers.</param>
    public static byte[] Build(string prefix)
    {
        var random = new Random(3);
        var documents = Enumerable.Range(0, Documents).Select(d =>
        {
            var topic = random.Next(20);
            var model = Enumerable.Range(0, 30).Select(_ => random.Next(3) == 0 ? random.Next(12) : (topic * 29) + random.Next(40)).Distinct()
                .Select(t => new FeatureWeight($"m{t}", random.Next(1, 256) / (d % 50 == 0 ? 1f : 64f)));
            var text = Enumerable.Range(0, 6).Select(_ => (int)(4000 * Math.Pow(random.NextDouble(), 3))).Distinct().Select(t => new FeatureWeight($"t{t}", random.Next(1, 9)));
            return new IndexDocument($"{prefix}{d}", 1 + (d % 3), d, new byte[d % 40], [new SparseField("model", [.. model]), new SparseField("text", [.. text])]);
        }).ToArray();
        var source = Segment.OfBytes(SegmentBuilder.Build(documents, -7), "source");
        using var output = new MemoryStream();
        SegmentMerger.Merge([(source, LiveDocs.AllLive(Documents))], output, reorder: true, CancellationToken.None);
        source.Release();
        return output.ToArray();
    }

    /// <summary>Opens and uses a segment in every way.</summary>
    /// <exception cref="SegmentCorruptException">It is damaged: the only failure allowed.</exception>
    public static void Use(byte[] bytes)
    {
        var segment = Segment.OfBytes(bytes, "fuzzed");
        try
        {
            if (segment.DocumentCount != Documents)
            {
                return;
            }

            Search(segment);
            using var merged = new MemoryStream();
            SegmentMerger.Merge([(segment, LiveDocs.AllLive(Documents))], merged, reorder: bytes[^40] % 4 == 0, CancellationToken.None);
        }
        finally
        {
            segment.Release();
        }
    }

    private static void Search(Segment segment)
    {
        var live = LiveDocs.OfDeleted([.. Enumerable.Range(0, (Documents + 63) / 64).Select(w => w % 3 == 0 ? 0x8000_0100_0000_0001 : 0UL)], Documents);
        using var reader = new IndexReader(ImmutableArray.Create((segment, live)));
        foreach (var query in Queries)
        {
            foreach (var options in Options)
            {
                foreach (var k in (int[])[0, 10, 1000])
                {
                    Catch(() => reader.Search(query, k, options));
                }
            }

            Catch(() => reader.Search(Model, 10, SearchOptions.Exact with { Filter = reader.Filter(query), CountLimit = 0 }));
            Catch(() => reader.Explain(query, "d4321"));
            Catch(() => reader.Explain(query, "4321"));
        }

        Catch(() => reader.Get("d17"));
        Catch(() => reader.Get("17"));
        Catch(() => reader.Get("none"));
    }

    /// <summary>One damaged list must not keep the others from being tried.</summary>
    private static void Catch(Func<object?> use)
    {
        try
        {
            use();
        }
        catch (SegmentCorruptException)
        {
            // What a damaged file should say.
        }
    }
}
