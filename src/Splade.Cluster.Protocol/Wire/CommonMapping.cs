using System.Collections.Immutable;
using Google.Protobuf;
using Splade.Index;

namespace Splade.Cluster.Protocol.Wire;

/// <summary>Parts that many messages have.</summary>
internal static class CommonMapping
{
    public static Shard ToWire(this ShardId id) =>
        new() { Index = id.Index, IndexUuid = id.IndexUuid, Language = id.Language, Number = id.Number };

    public static ShardId FromWire(this Shard wire) => new(wire.Index, wire.IndexUuid, wire.Language, wire.Number);

    public static Error? ToWire(this ErrorInfo? error) =>
        error is null ? null : new() { Type = error.Type, Reason = error.Reason, Status = error.Status };

    public static ErrorInfo? FromWireOrNull(this Error? wire) => wire is null ? null : new(wire.Type, wire.Reason, wire.Status);

    public static ByteString ToWire(this Guid id) => ByteString.CopyFrom(id.ToByteArray());

    public static Guid ToGuid(this ByteString bytes) => new(bytes.Span);

    public static long ToWire(this DateTimeOffset time) => time.UtcTicks;

    public static DateTimeOffset ToTime(this long ticks) => new(ticks, TimeSpan.Zero);

    public static ByteString ToWire(this ReadOnlyMemory<byte> bytes) => UnsafeByteOperations.UnsafeWrap(bytes);

    public static FeatureWeight ToWire(this Index.FeatureWeight feature) => new() { Feature = feature.Feature, Weight = feature.Weight };

    public static ImmutableArray<Index.FeatureWeight> FromWire(this IEnumerable<FeatureWeight> wire) =>
        [.. wire.Select(f => new Index.FeatureWeight(f.Feature, f.Weight))];

    public static IEnumerable<Field> ToWire(this ImmutableArray<SparseField> fields, FeatureTable table) =>
        fields.Select(f => new Field { Name = f.Name, Vector = table.Add(f.Features) });

    public static ImmutableArray<SparseField> FromWire(this IEnumerable<Field> wire, IReadOnlyList<string> features) =>
        [.. wire.Select(f => new SparseField(f.Name, FeatureTable.Read(f.Vector, features)))];
}
