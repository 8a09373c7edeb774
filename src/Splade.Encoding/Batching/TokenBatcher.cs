namespace Splade.Encoding.Batching;

/// <summary>Forms batches of texts of similar length, so that little padding is computed.</summary>
internal static class TokenBatcher
{
    /// <param name="lengths">Tokens of each text.</param>
    /// <returns>Positions of the texts of each batch; each text once.</returns>
    public static IEnumerable<int[]> Batches(IReadOnlyList<int> lengths, EncoderOptions options)
    {
        var byLength = Enumerable.Range(0, lengths.Count).OrderBy(i => lengths[i]).ToArray();
        for (var start = 0; start < byLength.Length;)
        {
            // Ascending lengths: the last text of a batch is its longest.
            var end = start + 1;
            while (end < byLength.Length
                && end - start < options.BatchTexts
                && (end - start + 1) * lengths[byLength[end]] <= options.BatchTokens)
            {
                end++;
            }

            yield return byLength[start..end];
            start = end;
        }
    }
}
