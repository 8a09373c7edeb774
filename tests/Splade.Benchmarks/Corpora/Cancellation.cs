namespace Splade.Benchmarks.Corpora;

/// <summary>What takes minutes to read or to compute ends when it is asked to.</summary>
internal static class Cancellation
{
    public static IEnumerable<T> Until<T>(this IEnumerable<T> items, CancellationToken cancellationToken)
    {
        foreach (var item in items)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
    }
}
