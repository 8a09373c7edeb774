using Splade.Index.Segments;

namespace Splade.Index.Merging;

/// <summary>Merges the live documents of segments into one new segment. An id is live in at most one of them.</summary>
internal static class SegmentMerger
{
    /// <returns>Documents written; nothing is written when it is 0.</returns>
    public static int Merge(IReadOnlyList<(Segment Segment, LiveDocs Live)> sources, Stream output, CancellationToken cancellationToken)
    {
        var order = OrderDocuments(sources);
        if (order.Length == 0)
        {
            return 0;
        }

        var numbers = NewNumbers(sources, order);
        var writer = new SegmentWriter(output, order.Length);
        writer.WriteDocuments(
            i =>
            {
                var (source, document) = order[i];
                var segment = sources[source].Segment;
                var (version, seqNo) = segment.Version(document);
                return (segment.Id(document).ToArray(), version, seqNo);
            },
            i => sources[order[i].Source].Segment.Source(order[i].Document),
            cancellationToken);
        foreach (var field in sources.SelectMany(s => s.Segment.Fields.Select(f => f.Name)).Distinct().Order(StringComparer.Ordinal))
        {
            MergeField(field, sources, numbers, writer, cancellationToken);
        }

        writer.Finish();
        return order.Length;
    }

    /// <summary>Live documents of all sources by ascending id: each source is in that order already.</summary>
    private static (int Source, int Document)[] OrderDocuments(IReadOnlyList<(Segment Segment, LiveDocs Live)> sources)
    {
        var result = new List<(int, int)>();
        var heads = new int[sources.Count];
        for (var s = 0; s < sources.Count; s++)
        {
            heads[s] = NextLive(s, 0);
        }

        while (true)
        {
            var best = -1;
            for (var s = 0; s < sources.Count; s++)
            {
                if (heads[s] < sources[s].Segment.DocumentCount
                    && (best < 0 || sources[s].Segment.Id(heads[s]).SequenceCompareTo(sources[best].Segment.Id(heads[best])) < 0))
                {
                    best = s;
                }
            }

            if (best < 0)
            {
                return [.. result];
            }

            result.Add((best, heads[best]));
            heads[best] = NextLive(best, heads[best] + 1);
        }

        int NextLive(int source, int document)
        {
            var (segment, live) = sources[source];
            while (document < segment.DocumentCount && live.IsDeleted(document))
            {
                document++;
            }

            return document;
        }
    }

    private static int[][] NewNumbers(IReadOnlyList<(Segment Segment, LiveDocs Live)> sources, (int Source, int Document)[] order)
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
        string field, IReadOnlyList<(Segment Segment, LiveDocs Live)> sources, int[][] numbers, SegmentWriter writer, CancellationToken cancellationToken)
    {
        var cursors = new List<(FieldPostings Field, int[] Numbers, int Term)>();
        for (var s = 0; s < sources.Count; s++)
        {
            if (sources[s].Segment.Field(field) is { TermCount: > 0 } postings)
            {
                cursors.Add((postings, numbers[s], 0));
            }
        }

        writer.BeginField(field);
        List<int> documents = [], oldDocuments = [];
        List<ushort> codes = [], oldCodes = [];
        while (cursors.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var smallest = 0;
            for (var c = 1; c < cursors.Count; c++)
            {
                if (Term(c).SequenceCompareTo(Term(smallest)) < 0)
                {
                    smallest = c;
                }
            }

            var term = Term(smallest);
            documents.Clear();
            codes.Clear();
            for (var c = cursors.Count - 1; c >= 0; c--)
            {
                if (!Term(c).SequenceEqual(term))
                {
                    continue;
                }

                var cursor = cursors[c];
                oldDocuments.Clear();
                oldCodes.Clear();
                cursor.Field.Read(cursor.Term, oldDocuments, oldCodes);
                for (var i = 0; i < oldDocuments.Count; i++)
                {
                    if (cursor.Numbers[oldDocuments[i]] is >= 0 and var number)
                    {
                        documents.Add(number);
                        codes.Add(oldCodes[i]);
                    }
                }

                // The term's bytes stay valid: they lie in the segment, not in the cursor.
                if (cursor.Term + 1 < cursor.Field.TermCount)
                {
                    cursors[c] = cursor with { Term = cursor.Term + 1 };
                }
                else
                {
                    cursors.RemoveAt(c);
                }
            }

            if (documents.Count > 0)
            {
                var sortedDocuments = documents.ToArray();
                var sortedCodes = codes.ToArray();
                Array.Sort(sortedDocuments, sortedCodes);
                writer.AddTerm(term, sortedDocuments, sortedCodes);
            }
        }

        writer.EndField();

        ReadOnlySpan<byte> Term(int cursor) => cursors[cursor].Field.Term(cursors[cursor].Term);
    }
}
