using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Protocol.Wire;

internal static class CatalogMapping
{
    public static CreateIndex ToWire(Catalog.CreateIndex message)
    {
        var wire = new CreateIndex
        {
            RequestId = message.RequestId.ToWire(),
            Name = message.Name,
            Shards = message.NumberOfShards,
            Replicas = message.NumberOfReplicas,
            Mapping = message.Mapping.ToWire(),
        };
        if (message.RefreshInterval is { } interval)
        {
            wire.RefreshIntervalMs = (long)interval.TotalMilliseconds;
        }

        return wire;
    }

    public static Catalog.CreateIndex FromWire(CreateIndex wire) => new(
        wire.RequestId.ToGuid(), wire.Name, wire.Shards, wire.Replicas, Interval(wire.HasRefreshIntervalMs, wire.RefreshIntervalMs), wire.Mapping.FromWire());

    public static DeleteIndex ToWire(Catalog.DeleteIndex message) =>
        new() { RequestId = message.RequestId.ToWire(), Name = message.Name, Uuid = message.Uuid };

    public static Catalog.DeleteIndex FromWire(DeleteIndex wire) => new(wire.RequestId.ToGuid(), wire.Name, wire.Uuid);

    public static ExtendMapping ToWire(Catalog.ExtendMapping message) => new()
    {
        RequestId = message.RequestId.ToWire(), Name = message.Name, Uuid = message.Uuid, Additions = message.Additions.ToWire(),
    };

    public static Catalog.ExtendMapping FromWire(ExtendMapping wire) =>
        new(wire.RequestId.ToGuid(), wire.Name, wire.Uuid, wire.Additions.FromWire());

    public static ChangeSettings ToWire(Catalog.ChangeSettings message)
    {
        var wire = new ChangeSettings
        {
            RequestId = message.RequestId.ToWire(), Name = message.Name, Uuid = message.Uuid, SetRefreshInterval = message.SetRefreshInterval,
        };
        if (message.NumberOfReplicas is { } replicas)
        {
            wire.Replicas = replicas;
        }

        if (message.RefreshInterval is { } interval)
        {
            wire.RefreshIntervalMs = (long)interval.TotalMilliseconds;
        }

        return wire;
    }

    public static Catalog.ChangeSettings FromWire(ChangeSettings wire) => new(
        wire.RequestId.ToGuid(),
        wire.Name,
        wire.Uuid,
        wire.HasReplicas ? wire.Replicas : null,
        wire.SetRefreshInterval,
        Interval(wire.HasRefreshIntervalMs, wire.RefreshIntervalMs));

    public static CatalogAccepted ToWire(Catalog.CatalogAccepted message) =>
        new() { RequestId = message.RequestId.ToWire(), Version = message.Version, Index = message.Index?.ToWire() };

    public static Catalog.CatalogAccepted FromWire(CatalogAccepted wire) => new(wire.RequestId.ToGuid(), wire.Version, wire.Index?.FromWire());

    public static CatalogRefused ToWire(Catalog.CatalogRefused message) =>
        new() { RequestId = message.RequestId.ToWire(), Error = message.Error.ToWire() };

    public static Catalog.CatalogRefused FromWire(CatalogRefused wire) => new(wire.RequestId.ToGuid(), wire.Error.FromWireOrNull()!);

    public static CatalogSnapshot ToWire(Catalog.CatalogSnapshot message)
    {
        var wire = new CatalogSnapshot { Version = message.Version, ClusterUuid = message.ClusterUuid };
        wire.Indices.AddRange(message.Indices.Select(i => i.ToWire()));
        wire.Dropped.AddRange(message.Dropped.Select(s => s.ToWire()));
        wire.Deletions.AddRange(message.Deletions.Select(d => d.ToWire()));
        return wire;
    }

    public static Catalog.CatalogSnapshot FromWire(CatalogSnapshot wire) =>
        new(wire.Version, wire.ClusterUuid, [.. wire.Indices.Select(i => i.FromWire())], [.. wire.Dropped.Select(s => s.FromWire())])
        {
            Deletions = [.. wire.Deletions.Select(d => d.ToGuid())],
        };

    public static IndexDeleted ToWire(Catalog.IndexDeleted message) => new() { Name = message.Name, Uuid = message.Uuid, RequestId = message.RequestId.ToWire() };

    /// <summary>Journals of before have no id of the command.</summary>
    public static Catalog.IndexDeleted FromWire(IndexDeleted wire) =>
        new(wire.Name, wire.Uuid, wire.RequestId.IsEmpty ? Guid.Empty : wire.RequestId.ToGuid());

    public static IndexInfo ToWire(this IndexMetadata index)
    {
        var wire = new IndexInfo
        {
            Name = index.Name,
            Uuid = index.Uuid,
            CreatedAt = index.CreatedAt.ToWire(),
            Version = index.Version,
            Shards = index.NumberOfShards,
            Replicas = index.NumberOfReplicas,
            Mapping = index.Mapping.ToWire(),
        };
        if (index.RefreshInterval is { } interval)
        {
            wire.RefreshIntervalMs = (long)interval.TotalMilliseconds;
        }

        return wire;
    }

    public static IndexMetadata FromWire(this IndexInfo wire) => new(
        wire.Name,
        wire.Uuid,
        wire.CreatedAt.ToTime(),
        wire.Version,
        wire.Shards,
        wire.Replicas,
        Interval(wire.HasRefreshIntervalMs, wire.RefreshIntervalMs),
        wire.Mapping.FromWire());

    private static TimeSpan? Interval(bool set, long milliseconds) => set ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private static Mapping ToWire(this Catalog.Mapping mapping)
    {
        var wire = new Mapping { Dynamic = (int)mapping.Dynamic };
        Fill(wire.Fields, mapping.Fields);
        return wire;
    }

    private static Catalog.Mapping FromWire(this Mapping wire) => new((DynamicMapping)wire.Dynamic, FromWire(wire.Fields));

    private static FieldMapping ToWire(Catalog.FieldMapping field)
    {
        var wire = new FieldMapping { Type = (int)field.Type, NotIndexed = !field.Index };
        Fill(wire.Properties, field.Properties);
        Fill(wire.SubFields, field.SubFields);
        wire.CopyTo.AddRange(field.CopyTo);
        if (field.InferenceId is not null)
        {
            wire.InferenceId = field.InferenceId;
        }

        if (field.VectorSpace is not null)
        {
            wire.VectorSpace = field.VectorSpace;
        }

        wire.Pruning = field.Pruning.ToWire();
        wire.QueryPruning = field.QueryPruning.ToWire();
        wire.Chunking = field.Chunking.ToWire();
        wire.StaticPruning = field.StaticPruning.ToWire();
        if (field.Format is not null)
        {
            wire.Format = field.Format;
        }

        if (field.IgnoreAbove is { } limit)
        {
            wire.IgnoreAbove = limit;
        }

        return wire;
    }

    private static Catalog.FieldMapping FromWire(FieldMapping wire) => new((FieldType)wire.Type)
    {
        Properties = FromWire(wire.Properties),
        SubFields = FromWire(wire.SubFields),
        CopyTo = [.. wire.CopyTo],
        InferenceId = wire.HasInferenceId ? wire.InferenceId : null,
        VectorSpace = wire.HasVectorSpace ? wire.VectorSpace : null,
        Pruning = wire.Pruning.FromWireOrNull(),
        QueryPruning = wire.QueryPruning.FromWireOrNull(),
        Chunking = wire.Chunking.FromWireOrNull(),
        StaticPruning = wire.StaticPruning.FromWireOrNull(),
        Format = wire.HasFormat ? wire.Format : null,
        IgnoreAbove = wire.HasIgnoreAbove ? wire.IgnoreAbove : null,
        Index = !wire.NotIndexed,
    };

    private static void Fill(MapField<string, FieldMapping> target, ImmutableSortedDictionary<string, Catalog.FieldMapping> fields)
    {
        foreach (var (name, field) in fields)
        {
            target.Add(name, ToWire(field));
        }
    }

    private static ImmutableSortedDictionary<string, Catalog.FieldMapping> FromWire(MapField<string, FieldMapping> wire) =>
        wire.ToImmutableSortedDictionary(f => f.Key, f => FromWire(f.Value), StringComparer.Ordinal);
}
