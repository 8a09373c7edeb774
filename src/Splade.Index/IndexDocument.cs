using System.Collections.Immutable;

namespace Splade.Index;

/// <summary>A document as a shard stores it: identity, version, the source as it was sent, and its vectors.</summary>
/// <param name="Id">External id, 1 to 512 bytes of UTF-8.</param>
/// <param name="Version">Counts the writes to this id, from 1.</param>
/// <param name="SeqNo">Sequence number of the write in its shard, from 0.</param>
/// <param name="Source">The JSON that was sent, verbatim.</param>
/// <param name="Fields">At most one vector for each field name.</param>
public sealed record IndexDocument(
    string Id, long Version, long SeqNo, ReadOnlyMemory<byte> Source, ImmutableArray<SparseField> Fields);

/// <summary>The stored part of a document, without its vectors.</summary>
public sealed record StoredDocument(string Id, long Version, long SeqNo, ReadOnlyMemory<byte> Source);
