namespace Splade.Index.Search;

/// <summary>The best k documents of one segment; the worst is at the root of a binary heap. Ties: the smaller document number is better.</summary>
internal sealed class TopKQueue(int k)
{
    private float[] _heapScores = [];
    private int[] _heapDocuments = [];

    public int Count { get; private set; }

    /// <summary>A document must score more than this to get in (or as much, while the queue is not full).</summary>
    public float Threshold { get; private set; } = float.NegativeInfinity;

    public bool IsFull => Count == k;

    public void Add(float score, int document)
    {
        if (Count < k)
        {
            if (Count == _heapScores.Length)
            {
                var size = Math.Min(k, Math.Max(16, Count * 2));
                Array.Resize(ref _heapScores, size);
                Array.Resize(ref _heapDocuments, size);
            }

            SiftUp(Count++, score, document);
        }
        else if (Worse(_heapScores[0], _heapDocuments[0], score, document))
        {
            SiftDown(score, document);
        }

        Threshold = IsFull ? _heapScores[0] : float.NegativeInfinity;
    }

    public IEnumerable<(float Score, int Document)> Drain() => Enumerable.Range(0, Count).Select(i => (_heapScores[i], _heapDocuments[i]));

    private static bool Worse(float score, int document, float otherScore, int otherDocument) =>
        score < otherScore || (score == otherScore && document > otherDocument);

    private void SiftUp(int hole, float score, int document)
    {
        while (hole > 0)
        {
            var parent = (hole - 1) >> 1;
            if (!Worse(score, document, _heapScores[parent], _heapDocuments[parent]))
            {
                break;
            }

            _heapScores[hole] = _heapScores[parent];
            _heapDocuments[hole] = _heapDocuments[parent];
            hole = parent;
        }

        _heapScores[hole] = score;
        _heapDocuments[hole] = document;
    }

    private void SiftDown(float score, int document)
    {
        var hole = 0;
        while (true)
        {
            var child = (2 * hole) + 1;
            if (child >= Count)
            {
                break;
            }

            if (child + 1 < Count && Worse(_heapScores[child + 1], _heapDocuments[child + 1], _heapScores[child], _heapDocuments[child]))
            {
                child++;
            }

            if (!Worse(_heapScores[child], _heapDocuments[child], score, document))
            {
                break;
            }

            _heapScores[hole] = _heapScores[child];
            _heapDocuments[hole] = _heapDocuments[child];
            hole = child;
        }

        _heapScores[hole] = score;
        _heapDocuments[hole] = document;
    }
}
