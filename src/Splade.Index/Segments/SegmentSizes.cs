namespace Splade.Index.Segments;

/// <summary>What each part of a segment takes, for benchmarks: bytes are worth knowing where they are.</summary>
internal static class SegmentSizes
{
    /// <summary>With the padding of all lists.</summary>
    private const string FlatLists = "flat lists";

    public static IReadOnlyList<PartSize> Of(IEnumerable<Segment> segments)
    {
        var parts = new SortedDictionary<string, (long Bytes, long Postings)>(StringComparer.Ordinal);
        foreach (var segment in segments)
        {
            foreach (var section in segment.Sections)
            {
                var colon = section.Name.IndexOf(':', StringComparison.Ordinal);
                var kind = colon < 0 ? section.Name : section.Name[..(colon + 1)];
                if (kind is not (SegmentFormat.Postings or SegmentFormat.Bounds))
                {
                    Add(kind.TrimEnd(':'), section.Length, 0);
                }
            }

            foreach (var field in segment.Fields)
            {
                AddField(field, Add);
            }
        }

        return [.. parts.Select(p => new PartSize(p.Key, p.Value.Bytes, p.Value.Postings))];

        void Add(string part, long bytes, long postings)
        {
            var (sum, all) = parts.GetValueOrDefault(part);
            parts[part] = (sum + bytes, all + postings);
        }
    }

    private static void AddField(FieldPostings field, Action<string, long, long> add)
    {
        var superblocks = SegmentFormat.Superblocks(field.Documents);
        var rest = field.PostingsBytes;
        for (var term = 0; term < field.TermCount; term++)
        {
            var entry = field.Entry(term);
            switch (entry.Kind)
            {
                case ListKind.Celled:
                    Add("celled cells", field.Celled(entry).Pairs * 2L, entry.Frequency);
                    Add("celled directories", SegmentFormat.CelledHeader + SegmentFormat.DirectoryBytes(superblocks), 0);
                    break;
                case ListKind.Sparse or ListKind.Sparser:
                    var list = field.Sparse(entry);
                    Add("sparse cells", (list.Pairs + list.Bitmaps.Pairs) * 2, entry.Frequency);
                    var bytes = SegmentFormat.SparseBytes(superblocks, list.Pairs, list.Bitmaps.Count) - (list.Pairs * 2L);
                    Add("sparse bits", bytes + SegmentFormat.BitmapStartsBytes(superblocks, list.Bitmaps.Count), 0);
                    break;
                default:
                    Add(FlatLists, 0, entry.Frequency);
                    break;
            }
        }

        add(FlatLists, rest, 0);
        var celledBounds = field.Rows * SegmentFormat.CelledRowBytes(superblocks);
        add("celled bounds", celledBounds, 0);
        add("sparse bounds", field.BoundsBytes - celledBounds, 0);

        void Add(string part, long bytes, long postings)
        {
            add(part, bytes, postings);
            rest -= bytes;
        }
    }
}
