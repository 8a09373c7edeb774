using System.Text;

namespace Splade.Index.Search;

/// <summary>
/// A sparse query ready for any segment: each feature once, boost multiplied in, in ascending order of UTF-8 bytes. Scores are summed in this
/// order everywhere, so that equal documents score bit for bit the same in any segment and shard.
/// </summary>
internal sealed class PreparedQuery
{
    private PreparedQuery(string field, (byte[] Utf8, string Name, float Weight, float GivenWeight)[] features, float boost)
    {
        Field = field;
        Features = features;
        Boost = boost;
    }

    public string Field { get; }

    public float Boost { get; }

    public (byte[] Utf8, string Name, float Weight, float GivenWeight)[] Features { get; }

    /// <exception cref="ArgumentException">A weight or the boost is negative or not finite.</exception>
    public static PreparedQuery Of(SparseVectorQuery query)
    {
        CheckBoost(query.Boost);
        var weights = new SortedDictionary<byte[], (string Name, float Weight)>(Utf8Order.Instance);
        foreach (var (feature, weight) in query.Features)
        {
            if (!(weight >= 0f) || float.IsInfinity(weight))
            {
                throw new ArgumentException($"The query weight of feature [{feature}] must be finite and not negative, but is {weight}.", nameof(query));
            }

            var key = Encoding.UTF8.GetBytes(feature);
            weights[key] = (feature, weights.GetValueOrDefault(key).Weight + weight);
        }

        var features = weights.Where(w => w.Value.Weight * query.Boost > 0f)
            .Select(w => (w.Key, w.Value.Name, w.Value.Weight * query.Boost, w.Value.Weight));
        return new PreparedQuery(query.Field, [.. features], query.Boost);
    }

    public static void CheckBoost(float boost)
    {
        if (!(boost >= 0f) || float.IsInfinity(boost))
        {
            throw new ArgumentException($"The boost must be finite and not negative, but is {boost}.", nameof(boost));
        }
    }

    private sealed class Utf8Order : IComparer<byte[]>
    {
        public static readonly Utf8Order Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
