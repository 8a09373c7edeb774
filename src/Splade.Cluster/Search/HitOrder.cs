namespace Splade.Cluster.Search;

/// <summary>The one order of hits: score descending, then id ascending by UTF-8 bytes.</summary>
internal static class HitOrder
{
    public static int Compare(double scoreA, string idA, double scoreB, string idB) =>
        scoreA != scoreB ? scoreB.CompareTo(scoreA) : CompareIds(idA, idB);

    /// <summary>Order of UTF-8 bytes, which is that of code points; UTF-16 differs from it at surrogates.</summary>
    public static int CompareIds(string a, string b)
    {
        var length = Math.Min(a.Length, b.Length);
        for (var i = 0; i < length; i++)
        {
            char x = a[i], y = b[i];
            if (x != y)
            {
                return char.IsSurrogate(x) != char.IsSurrogate(y) ? (char.IsSurrogate(x) ? 1 : -1) : x.CompareTo(y);
            }
        }

        return a.Length.CompareTo(b.Length);
    }
}
