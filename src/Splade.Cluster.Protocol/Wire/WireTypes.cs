using Splade.Cluster.Protocol.Catalog;
using Splade.Cluster.Protocol.Shards;

namespace Splade.Cluster.Protocol.Wire;

/// <summary>Every message of the protocol with its manifest. A manifest is never changed or given to another type.</summary>
internal static class WireTypes
{
    public static IReadOnlyList<WireType> All { get; } =
    [
        WireType.Of("sib", ShardsMapping.ToWire, IndexBatch.Parser, ShardsMapping.FromWire),
        WireType.Of("sia", ShardsMapping.ToWire, IndexBatchAck.Parser, ShardsMapping.FromWire),
        WireType.Of("sir", ShardsMapping.ToWire, IndexBatchRefused.Parser, ShardsMapping.FromWire),
        WireType.Of("sgd", ShardsMapping.ToWire, GetDocuments.Parser, ShardsMapping.FromWire),
        WireType.Of("sdo", ShardsMapping.ToWire, Documents.Parser, ShardsMapping.FromWire),
        WireType.Of<RefreshShard, ShardCommand>("srf", m => ShardsMapping.Command(m.Shard, m.RequestId), ShardCommand.Parser, w => new(w.Shard.FromWire(), w.RequestId.ToGuid())),
        WireType.Of<FlushShard, ShardCommand>("sfl", m => ShardsMapping.Command(m.Shard, m.RequestId), ShardCommand.Parser, w => new(w.Shard.FromWire(), w.RequestId.ToGuid())),
        WireType.Of<StartShard, ShardCommand>("sst", m => ShardsMapping.Command(m.Shard, m.RequestId), ShardCommand.Parser, w => new(w.Shard.FromWire(), w.RequestId.ToGuid())),
        WireType.Of<DropShard, ShardCommand>("sdr", m => ShardsMapping.Command(m.Shard, m.RequestId), ShardCommand.Parser, w => new(w.Shard.FromWire(), w.RequestId.ToGuid())),
        WireType.Of("sdn", ShardsMapping.ToWire, ShardDone.Parser, ShardsMapping.FromWire),
        WireType.Of("edi", ShardsMapping.ToWire, DocumentsIndexed.Parser, ShardsMapping.FromWire),
        WireType.Of("emp", ShardsMapping.ToWire, ManifestPublished.Parser, ShardsMapping.FromWire),
        WireType.Of("qls", SearchMapping.ToWire, LeafSearch.Parser, SearchMapping.FromWire),
        WireType.Of("qlr", SearchMapping.ToWire, LeafSearchResult.Parser, SearchMapping.FromWire),
        WireType.Of("qfh", SearchMapping.ToWire, FetchHits.Parser, SearchMapping.FromWire),
        WireType.Of("qfr", SearchMapping.ToWire, FetchResult.Parser, SearchMapping.FromWire),
        WireType.Of<Search.ReleaseView, ReleaseView>("qrv", m => new() { RequestId = m.RequestId.ToWire() }, ReleaseView.Parser, w => new(w.RequestId.ToGuid())),
        WireType.Of("qct", SearchMapping.ToWire, CountTerms.Parser, SearchMapping.FromWire),
        WireType.Of("qtc", SearchMapping.ToWire, TermsCounted.Parser, SearchMapping.FromWire),
        WireType.Of("nrp", NodesMapping.ToWire, NodeReport.Parser, NodesMapping.FromWire),
        WireType.Of("nrw", EncodingMapping.ToWire, RequestWork.Parser, EncodingMapping.FromWire),
        WireType.Of("neb", EncodingMapping.ToWire, EncodeBatch.Parser, EncodingMapping.FromWire),
        WireType.Of("ner", EncodingMapping.ToWire, EncodeResult.Parser, EncodingMapping.FromWire),
        WireType.Of("neq", EncodingMapping.ToWire, EncodeQuery.Parser, EncodingMapping.FromWire),
        WireType.Of("nqe", EncodingMapping.ToWire, QueryEncoded.Parser, EncodingMapping.FromWire),
        WireType.Of("nat", EncodingMapping.ToWire, AnalyzeText.Parser, EncodingMapping.FromWire),
        WireType.Of("nta", EncodingMapping.ToWire, TextAnalyzed.Parser, EncodingMapping.FromWire),
        WireType.Of("cci", CatalogMapping.ToWire, CreateIndex.Parser, CatalogMapping.FromWire),
        WireType.Of("cdi", CatalogMapping.ToWire, DeleteIndex.Parser, CatalogMapping.FromWire),
        WireType.Of("cem", CatalogMapping.ToWire, ExtendMapping.Parser, CatalogMapping.FromWire),
        WireType.Of("ccs", CatalogMapping.ToWire, ChangeSettings.Parser, CatalogMapping.FromWire),
        WireType.Of("cac", CatalogMapping.ToWire, CatalogAccepted.Parser, CatalogMapping.FromWire),
        WireType.Of("crf", CatalogMapping.ToWire, CatalogRefused.Parser, CatalogMapping.FromWire),
        WireType.Of<Catalog.SubscribeToCatalog, SubscribeToCatalog>("csb", m => new() { KnownVersion = m.KnownVersion }, SubscribeToCatalog.Parser, w => new(w.KnownVersion)),
        WireType.Of("csn", CatalogMapping.ToWire, CatalogSnapshot.Parser, CatalogMapping.FromWire),
        WireType.Of<ShardDropped, ShardOnly>("csd", m => new() { Shard = m.Shard.ToWire() }, ShardOnly.Parser, w => new(w.Shard.FromWire())),
        WireType.Of<Catalog.CatalogFounded, CatalogFounded>("ecf", m => new() { ClusterUuid = m.ClusterUuid }, CatalogFounded.Parser, w => new(w.ClusterUuid)),
        WireType.Of<IndexCreated, IndexOnly>("eic", m => new() { Index = m.Index.ToWire() }, IndexOnly.Parser, w => new(w.Index.FromWire())),
        WireType.Of<Catalog.IndexDeleted, IndexDeleted>("eid", CatalogMapping.ToWire, IndexDeleted.Parser, CatalogMapping.FromWire),
        WireType.Of<IndexChanged, IndexOnly>("eih", m => new() { Index = m.Index.ToWire() }, IndexOnly.Parser, w => new(w.Index.FromWire())),
        WireType.Of<ShardDropConfirmed, ShardOnly>("edc", m => new() { Shard = m.Shard.ToWire() }, ShardOnly.Parser, w => new(w.Shard.FromWire())),
    ];
}
