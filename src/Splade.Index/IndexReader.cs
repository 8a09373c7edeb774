namespace Splade.Index;

/// <summary>
/// An immutable, reference-counted view of an index. Any number of threads may search it while the writer goes on; its files stay
/// open until the last holder disposes it.
/// </summary>
public sealed class IndexReader : IDisposable
{
    internal IndexReader()
    {
    }

    /// <summary>Live documents.</summary>
    public long DocumentCount => throw new NotImplementedException();

    /// <summary>Deleted documents that no merge has removed yet.</summary>
    public long DeletedCount => throw new NotImplementedException();

    /// <summary>Bytes of the segments in memory and on disk.</summary>
    public long SizeInBytes => throw new NotImplementedException();

    public int SegmentCount => throw new NotImplementedException();

    /// <summary>Takes another reference; false when the reader has been closed already. Each success needs a Dispose.</summary>
    public bool TryAcquire() => throw new NotImplementedException();

    /// <summary>The exact top k. Ties by id, so that any sharding and any segment structure give the same ranking.</summary>
    public TopHits Search(Query query, int k, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Counts matching live documents.</summary>
    public long Count(Query query, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Explains the score of a document; null when it is not in this view.</summary>
    public ScoreExplanation? Explain(Query query, string id) => throw new NotImplementedException();

    /// <summary>The stored document; null when it is not in this view.</summary>
    public StoredDocument? Get(string id) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
