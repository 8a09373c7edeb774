namespace Splade.Encoding.Batching;

/// <summary>Forms batches of texts of similar length, so that little padding is computed.</summary>
internal static class TokenBatcher
{
    /// <param name="lengths">Tokens of each text.</param>
    /// <param name="mostTokens">Of a batch, padding included; a longer text goes alone.</param>
    /// <returns>Positions of the texts of each batch; each text once.</returns>
    public static IEnumerable<int[]> Batches(IReadOnlyList<int> lengths, int mostTokens, int mostTexts)
    {
        var byLength = Enumerable.Range(0, lengths.Count).OrderBy(i => lengths[i]).ToArray();
        for (var start = 0; start < byLength.Length;)
        {
            // Ascending lengths: the last text of a batch is its longest.
            var end = start + 1;
            while (end < byLength.Length
                && end - start < mostTexts
                && (end - start + 1) * lengths[byLength[end]] <= mostTokens)
            {
                end++;
            }

            yield return byLength[start..end];
            start = end;
        }
    }
}
