using System.Numerics;
using Splade.Index.Segments;

namespace Splade.Index.Merging;

/// <summary>Merges the live documents of segments into one new segment. An id is live in at most one of them.</summary>
internal static class SegmentMerger
{
    /// <param name="sources">Oldest first.</param>
    /// <param name="output">Takes the segment.</param>
    /// <param name="reorder">Whether to put similar documents side by side, see <see cref="DocumentOrder"/>; else they are in the order of ids.</param>
    /// <param name="cancellationToken">Ends the merge.</param>
    /// <returns>Documents written; nothing is written when it is 0.</returns>
    public static int Merge(IReadOnlyList<(Segment Segment, LiveDocs Live)> sources, Stream output, bool reorder, CancellationToken cancellationToken)
    {
        var byId = OrderById(sources);
        if (byId.Length == 0)
        {
            return 0;
        }

        // ranks[i] is the place by id of the document that comes i-th.
        var ranks = reorder ? DocumentOrder.Of(sources, byId, cancellationToken) : null;
        var order = ranks is null ? byId : Array.ConvertAll(ranks, r => byId[r]);
        var numbers = NewNumbers(sources, order);
        var writer = new SegmentWriter(output, order.Length);
        writer.WriteDocuments(
            (int i, Span<byte> buffer, out long version, out long seqNo) =>
            {
                var (source, document) = order[i];
                var segment = sources[source].Segment;
                (version, seqNo) = segment.Version(document);
                return segment.Id(document, buffer);
            },
            i => sources[order[i].Source].Segment.Source(order[i].Document),
            ranks,
            cancellationToken);
        foreach (var field in sources.SelectMany(s => s.Segment.Fields.Select(f => f.Name)).Distinct().Order(StringComparer.Ordinal))
        {
            MergeField(field, sources, order, numbers, writer, cancellationToken);
        }

        writer.Finish();
        return order.Length;
    }

    /// <summary>Live documents of all sources by ascending id.</summary>
    private static (int Source, int Document)[] OrderById(IReadOnlyList<(Segment Segment, LiveDocs Live)> sources)
    {
        var result = new List<(int, int)>();
        var heads = new int[sources.Count];
        var ids = new byte[sources.Count][];
        for (var s = 0; s < sources.Count; s++)
        {
            Advance(s, 0);
        }

        while (true)
        {
            var best = -1;
            for (var s = 0; s < sources.Count; s++)
            {
                if (heads[s] < sources[s].Segment.DocumentCount && (best < 0 || ids[s].AsSpan().SequenceCompareTo(ids[best]) < 0))
                {
                    best = s;
                }
            }

            if (best < 0)
            {
                return [.. result];
            }

            result.Add((best, sources[best].Segment.DocumentOfRank(heads[best])));
            Advance(best, heads[best] + 1);
        }

        // To the next live document of a source.
        void Advance(int source, int rank)
        {
            var (segment, live) = sources[source];
            while (rank < segment.DocumentCount && live.IsDeleted(segment.DocumentOfRank(rank)))
            {
                rank++;
            }

            heads[source] = rank;
            ids[source] = rank == segment.DocumentCount ? [] : segment.Id(segment.DocumentOfRank(rank), stackalloc byte[DocumentIds.BufferBytes]).ToArray();
        }
    }

    /// <summary>For each document of each source, its place in an order; -1 where it has none.</summary>
    public static int[][] NewNumbers(IReadOnlyList<(Segment Segment, LiveDocs Live)> sources, (int Source, int Document)[] order)
    {
        var numbers = new int[sources.Count][];
        for (var s = 0; s < sources.Count; s++)
        {
            numbers[s] = new int[sources[s].Segment.DocumentCount];
            Array.Fill(numbers[s], -1);
        }

        for (var i = 0; i < order.Length; i++)
        {
            numbers[order[i].Source][order[i].Document] = i;
        }

        return numbers;
    }

    private static void MergeField(
        string field,
        IReadOnlyList<(Segment Segment, LiveDocs Live)> sources,
        (int Source, int Document)[] order,
        int[][] numbers,
        SegmentWriter output,
        CancellationToken cancellationToken)
    {
        var fields = sources.Select(s => s.Segment.Field(field)).ToArray();
        var writer = new FieldWriter(
            output,
            field,
            Array.ConvertAll(order, o => (sbyte?)fields[o.Source]?.Exponent(o.Document) ?? FieldWriter.NoExponent),
            new FieldLayout(order.Length));
        var cursors = new TermCursors(fields);
        var sorter = new PostingSorter();
        var documentBits = 32 - BitOperations.LeadingZeroCount((uint)order.Length);
        int[] documents = [];
        byte[] impacts = [];
        while (cursors.Next(out var term))
        {
            cancellationToken.ThrowIfCancellationRequested();
            sorter.Clear();
            foreach (var (source, position) in cursors.Current)
            {
                var postings = fields[source]!;
                var frequency = postings.Entry(position).Frequency;
                if (documents.Length < frequency)
                {
                    documents = new int[frequency * 2];
                    impacts = new byte[frequency * 2];
                }

                var count = postings.Read(position, documents, impacts);
                for (var i = 0; i < count; i++)
                {
                    if (numbers[source][documents[i]] is >= 0 and var number)
                    {
                        sorter.Add(number, impacts[i]);
                    }
                }
            }

            if (sorter.Count > 0)
            {
                sorter.Sort(documentBits, out var newDocuments, out var newImpacts);
                writer.AddTerm(term, newDocuments, newImpacts);
            }
        }

        writer.Finish();
    }
}
