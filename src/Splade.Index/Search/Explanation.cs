using System.Text;
using Splade.Index.Codecs;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>Recomputes the score of one document feature by feature.</summary>
internal static class Explanation
{
    public static ScoreExplanation Of(Segment segment, int document, PreparedQuery query)
    {
        var contributions = new List<FeatureContribution>();
        var score = 0.0;
        foreach (var clause in query.Clauses)
        {
            if (segment.Field(clause.Field) is not { } field)
            {
                continue;
            }

            var exponent = field.Exponent(document);
            var scale = clause.Step * Impact.PowerOfTwo(exponent);
            var sum = 0u;
            foreach (var feature in query.FeaturesOf(clause))
            {
                if (field.Find(query.NameOf(feature), feature.Hash) is >= 0 and var term && field.ImpactOf(term, document) is > 0 and var impact)
                {
                    sum += feature.Weight * impact;
                    contributions.Add(new FeatureContribution(
                        clause.Field, Encoding.UTF8.GetString(query.NameOf(feature)), (float)Math.Min(feature.GivenWeight, float.MaxValue), Impact.Decode(impact, exponent), feature.Weight * impact * scale));
                }
            }

            score += sum * scale;
        }

        // A stable sort: equal contributions stay in the order of their features.
        return new ScoreExplanation(contributions.Count > 0, score, [.. contributions.OrderByDescending(c => c.Contribution)]);
    }
}
