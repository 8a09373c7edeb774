using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Recomputes the score of one document feature by feature.</summary>
internal static class Explanation
{
    public static ScoreExplanation Of(Segment segment, int document, PreparedQuery query)
    {
        var contributions = new List<FeatureContribution>();
        var score = 0f;
        if (segment.Field(query.Field) is { } field)
        {
            foreach (var (utf8, name, weight, given) in query.Features)
            {
                if (field.Find(utf8) is >= 0 and var term && Weight(field.Postings(term), document) is { } documentWeight)
                {
                    score += weight * documentWeight;
                    contributions.Add(new FeatureContribution(query.Field, name, given, documentWeight, weight * documentWeight));
                }
            }
        }

        // A stable sort: equal contributions stay in the order of their features.
        return new ScoreExplanation(score > 0f, score, [.. contributions.OrderByDescending(c => c.Contribution)]);
    }

    private static float? Weight(PostingList list, int document)
    {
        var position = 0;
        for (var i = 0; i < list.RangeCount; i++)
        {
            var (range, count) = list.Range(i);
            if (range == document >> SegmentFormat.RangeBits)
            {
                var found = list.Documents(position, count).BinarySearch((ushort)(document & (SegmentFormat.RangeSize - 1)));
                return found < 0 ? null : WeightCode.Decode(list.Codes(position, count)[found]);
            }

            position += count;
        }

        return null;
    }
}
