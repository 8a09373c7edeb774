namespace Splade.Encoding;

/// <summary>The vector of one text while its passages come in: the maximum of each term.</summary>
/// <param name="expansionWeight">Factor for ids that are no tokens of the text.</param>
/// <param name="truncated">The end of the text was left out.</param>
internal sealed class TextVector(float expansionWeight, int passages, bool truncated)
{
    private readonly HashSet<long>? _tokens = expansionWeight == 1f ? null : [];
    private int[] _indices = [];
    private float[] _weights = [];
    private int _tokenCount;
    private int _added;

    /// <param name="indices">Ascending ids of a passage's vector.</param>
    /// <param name="tokens">Ids that the model got.</param>
    /// <returns>It was the last passage.</returns>
    public bool Add(int[] indices, float[] weights, ReadOnlySpan<long> tokens)
    {
        (_indices, _weights) = _added == 0 ? (indices, weights) : Merge(_indices, _weights, indices, weights);
        if (_tokens is not null)
        {
            foreach (var token in tokens)
            {
                _tokens.Add(token);
            }
        }

        _tokenCount += tokens.Length;
        return ++_added == passages;
    }

    public EncodedText ToText()
    {
        var (indices, weights) = (_indices, _weights);
        if (_tokens is not null && expansionWeight == 0f)
        {
            var own = Enumerable.Range(0, indices.Length).Where(i => _tokens.Contains(indices[i])).ToArray();
            (indices, weights) = ([.. own.Select(i => indices[i])], [.. own.Select(i => weights[i])]);
        }
        else if (_tokens is not null)
        {
            weights = [.. weights.Select((w, i) => _tokens.Contains(indices[i]) ? w : w * expansionWeight)];
        }

        return new EncodedText(indices, weights, _tokenCount, truncated) { Passages = passages };
    }

    private static (int[] Indices, float[] Weights) Merge(int[] leftIds, float[] left, int[] rightIds, float[] right)
    {
        var indices = new List<int>(leftIds.Length + rightIds.Length);
        var weights = new List<float>(leftIds.Length + rightIds.Length);
        for (int l = 0, r = 0; l < leftIds.Length || r < rightIds.Length;)
        {
            var id = Math.Min(l < leftIds.Length ? leftIds[l] : int.MaxValue, r < rightIds.Length ? rightIds[r] : int.MaxValue);
            var weight = 0f;
            if (l < leftIds.Length && leftIds[l] == id)
            {
                weight = left[l++];
            }

            if (r < rightIds.Length && rightIds[r] == id)
            {
                weight = Math.Max(weight, right[r++]);
            }

            indices.Add(id);
            weights.Add(weight);
        }

        return ([.. indices], [.. weights]);
    }
}
