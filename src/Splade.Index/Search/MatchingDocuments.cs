using System.Buffers;
using System.Collections.Immutable;
using Splade.Index.Codecs;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Which documents match a query, whatever their score.</summary>
internal static class MatchingDocuments
{
    /// <summary>One bit a document, deleted ones included.</summary>
    public static ulong[] Of(Segment segment, PreparedQuery? query, bool all)
    {
        var words = new ulong[(segment.DocumentCount + 63) / 64];
        if (all)
        {
            Array.Fill(words, ulong.MaxValue);
        }

        if (query is not null)
        {
            ForEachTerm(segment, query, ref words, static (field, term, ref words) => Add(field, term, words));
        }

        return words;
    }

    /// <summary>A number of documents that match for sure, as large as is cheap to know, but not above the limit.</summary>
    public static long AtLeast(ImmutableArray<(Segment Segment, LiveDocs Live)> segments, PreparedQuery query, long limit)
    {
        var known = 0L;
        foreach (var (segment, live) in segments)
        {
            var largest = 0;
            ForEachTerm(segment, query, ref largest, static (field, term, ref largest) => largest = Math.Max(largest, field.Entry(term).Frequency));

            known += Math.Max(0, largest - live.DeletedCount);
            if (known >= limit)
            {
                return limit;
            }
        }

        return known;
    }

    /// <summary>Live documents in which a term has at least a weight.</summary>
    public static long CountFrom(
        ImmutableArray<(Segment Segment, LiveDocs Live)> segments, string name, ReadOnlySpan<byte> feature, float weight, CancellationToken cancellationToken)
    {
        var count = 0L;
        foreach (var (segment, live) in segments)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (segment.Field(name) is not { } field || field.Find(feature) is not (>= 0 and var term))
            {
                continue;
            }

            var frequency = field.Entry(term).Frequency;
            if (weight <= 0f && live.DeletedCount == 0)
            {
                count += frequency;
                continue;
            }

            var documents = ArrayPool<int>.Shared.Rent(frequency);
            var impacts = ArrayPool<byte>.Shared.Rent(frequency);
            var read = field.Read(term, documents, impacts);
            for (var i = 0; i < read; i++)
            {
                count += Impact.Decode(impacts[i], field.Exponent(documents[i])) >= weight && !live.IsDeleted(documents[i]) ? 1 : 0;
            }

            ArrayPool<int>.Shared.Return(documents);
            ArrayPool<byte>.Shared.Return(impacts);
        }

        return count;
    }

    private static void Add(FieldPostings field, int term, ulong[] words)
    {
        var frequency = field.Entry(term).Frequency;
        var documents = ArrayPool<int>.Shared.Rent(frequency);
        var impacts = ArrayPool<byte>.Shared.Rent(frequency);
        foreach (var document in documents.AsSpan(0, field.Read(term, documents, impacts)))
        {
            words[document >> 6] |= 1ul << (document & 63);
        }

        ArrayPool<int>.Shared.Return(documents);
        ArrayPool<byte>.Shared.Return(impacts);
    }

    /// <summary>Calls back for each term of a segment that the query has.</summary>
    private static void ForEachTerm<T>(Segment segment, PreparedQuery query, ref T state, TermAction<T> action)
    {
        foreach (ref readonly var clause in query.Clauses)
        {
            if (segment.Field(clause.Field) is not { } field)
            {
                continue;
            }

            foreach (ref readonly var feature in query.FeaturesOf(clause))
            {
                if (field.Find(query.NameOf(feature), feature.Hash) is >= 0 and var term)
                {
                    action(field, term, ref state);
                }
            }
        }
    }

    private delegate void TermAction<T>(FieldPostings field, int term, ref T state);
}
