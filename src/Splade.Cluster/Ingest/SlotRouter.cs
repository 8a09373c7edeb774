using System.IO.Hashing;
using Splade.Cluster.Protocol;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Ingest;

/// <summary>Which shard a document belongs to.</summary>
internal static class SlotRouter
{
    /// <summary>XxHash32 of the id's UTF-8 bytes, modulo the number of slots. Never changes: documents lie where it says.</summary>
    public static int Slot(string id) => (int)(XxHash32.HashToUInt32(System.Text.Encoding.UTF8.GetBytes(id)) % IndexMetadata.Slots);

    public static ShardId Locate(IndexMetadata index, string id) => index.ShardOfSlot(Slot(id));
}
