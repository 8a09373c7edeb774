namespace Splade.Benchmarks.Corpora;

/// <summary>Draws numbers in proportion to weights, in constant time (Walker 1977; Vose 1991).</summary>
internal sealed class AliasTable
{
    private readonly double[] _share;
    private readonly int[] _alias;

    public AliasTable(double[] weights)
    {
        var n = weights.Length;
        var mean = weights.Average();
        _share = Array.ConvertAll(weights, w => w / mean);
        _alias = new int[n];
        var small = new Stack<int>(Enumerable.Range(0, n).Where(i => _share[i] < 1));
        var large = new Stack<int>(Enumerable.Range(0, n).Where(i => _share[i] >= 1));
        while (small.TryPop(out var s) && large.TryPop(out var l))
        {
            _alias[s] = l;
            _share[l] -= 1 - _share[s];
            (_share[l] < 1 ? small : large).Push(l);
        }
    }

    public int Draw(Random random)
    {
        var i = random.Next(_share.Length);
        return random.NextDouble() < _share[i] ? i : _alias[i];
    }
}
