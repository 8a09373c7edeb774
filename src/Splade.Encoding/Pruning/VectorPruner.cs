namespace Splade.Encoding.Pruning;

/// <summary>Drops the weights of a sparse vector that matter least. Of equal weights the one of the smaller id stays.</summary>
internal static class VectorPruner
{
    /// <param name="indices">Ascending ids.</param>
    /// <param name="weights">Positive.</param>
    /// <returns>The same arrays when all weights stay.</returns>
    public static (int[] Indices, float[] Weights) Prune(int[] indices, float[] weights, PruneSettings settings)
    {
        if (weights.Length == 0)
        {
            return (indices, weights);
        }

        return settings.Type switch
        {
            PruneType.TopK => KeepLargest(indices, weights, (int)settings.Ratio),
            PruneType.MaxRatio => KeepFrom(indices, weights, settings.Ratio * weights.Max()),
            PruneType.AlphaMass => KeepMass(indices, weights, settings.Ratio),
            PruneType.AbsValue => KeepFrom(indices, weights, settings.Ratio),
            _ => (indices, weights),
        };
    }

    /// <returns>The same text when all weights stay.</returns>
    public static EncodedText Prune(EncodedText text, PruneSettings settings)
    {
        var (indices, weights) = Prune(text.Indices, text.Weights, settings);
        return ReferenceEquals(indices, text.Indices)
            ? text
            : text with
            {
                Indices = indices,
                Weights = weights,
                UnprunedCount = text.Indices.Length,
                ShippedIdf = text.ShippedIdf is { } shipped ? [.. indices.Select(i => shipped[Array.BinarySearch(text.Indices, i)])] : null,
            };
    }

    private static (int[] Indices, float[] Weights) KeepMass(int[] indices, float[] weights, float share)
    {
        var descending = (float[])weights.Clone();
        Array.Sort(descending);
        Array.Reverse(descending);

        // Both sums run in the same order, so that a share of 1 keeps everything.
        var total = 0d;
        foreach (var weight in descending)
        {
            total += weight;
        }

        var mass = 0d;
        var count = 0;
        while (count < descending.Length && mass < share * total)
        {
            mass += descending[count++];
        }

        return KeepLargest(indices, weights, count);
    }

    private static (int[] Indices, float[] Weights) KeepLargest(int[] indices, float[] weights, int count)
    {
        if (count >= weights.Length)
        {
            return (indices, weights);
        }

        var ascending = (float[])weights.Clone();
        Array.Sort(ascending);
        var smallest = ascending[^count];
        var above = weights.Count(w => w > smallest);
        var ties = count - above;
        return Keep(indices, weights, count, w => w > smallest || (w == smallest && ties-- > 0));
    }

    private static (int[] Indices, float[] Weights) KeepFrom(int[] indices, float[] weights, float smallest) =>
        Keep(indices, weights, weights.Count(w => w >= smallest), w => w >= smallest);

    private static (int[] Indices, float[] Weights) Keep(int[] indices, float[] weights, int count, Func<float, bool> keep)
    {
        if (count == weights.Length)
        {
            return (indices, weights);
        }

        var keptIndices = new int[count];
        var keptWeights = new float[count];
        var next = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            if (keep(weights[i]))
            {
                (keptIndices[next], keptWeights[next++]) = (indices[i], weights[i]);
            }
        }

        return (keptIndices, keptWeights);
    }
}
