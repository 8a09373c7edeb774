using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Splade.Cluster.Protocol.Wire;

/// <summary>The distinct feature names of one message, in the order in which they were first used.</summary>
internal sealed class FeatureTable
{
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);

    public List<string> Names { get; } = [];

    public Vector Add(ImmutableArray<Index.FeatureWeight> features)
    {
        var vector = new Vector();
        foreach (var (feature, weight) in features)
        {
            ref var position = ref CollectionsMarshal.GetValueRefOrAddDefault(_positions, feature, out var known);
            if (!known)
            {
                position = Names.Count;
                Names.Add(feature);
            }

            vector.Features.Add(position);
            vector.Weights.Add(weight);
        }

        return vector;
    }

    public static ImmutableArray<Index.FeatureWeight> Read(Vector? vector, IReadOnlyList<string> names)
    {
        if (vector is null)
        {
            return [];
        }

        if (vector.Features.Count != vector.Weights.Count)
        {
            throw new FormatException("A vector has more features than weights, or fewer.");
        }

        var features = new Index.FeatureWeight[vector.Features.Count];
        for (var i = 0; i < features.Length; i++)
        {
            features[i] = new Index.FeatureWeight(names[vector.Features[i]], vector.Weights[i]);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(features);
    }
}
