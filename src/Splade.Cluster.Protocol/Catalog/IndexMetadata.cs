using System.Collections.Immutable;
using Splade.Encoding;
using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;
using Splade.Index;

namespace Splade.Cluster.Protocol.Catalog;

/// <summary>A named collection: its settings and mapping. Immutable; a change is a new object with a higher <paramref name="Version"/>.</summary>
/// <param name="Mapping">Typed mapping, see <see cref="FieldMapping"/>.</param>
/// <param name="NumberOfReplicas">Asked for; replicas are reported as unassigned until the cluster has them.</param>
/// <param name="RefreshInterval">How often writes become searchable by themselves; null for never.</param>
public sealed record IndexMetadata(
    string Name, string Uuid, DateTimeOffset CreatedAt, long Version, int NumberOfShards, int NumberOfReplicas, TimeSpan? RefreshInterval, Mapping Mapping)
{
    /// <summary>Hash buckets of document ids; a shard owns a contiguous run of them.</summary>
    public const int Slots = 1024;

    public ShardId Shard(int number) => new(Name, Uuid, ShardId.AllLanguages, number);

    public IEnumerable<ShardId> Shards => Enumerable.Range(0, NumberOfShards).Select(Shard);

    /// <summary>The shard that owns a slot.</summary>
    public ShardId ShardOfSlot(int slot) => Shard((int)((long)slot * NumberOfShards / Slots));
}

/// <summary>The fields of an index.</summary>
public sealed record Mapping(DynamicMapping Dynamic, ImmutableSortedDictionary<string, FieldMapping> Fields)
{
    public static Mapping Empty { get; } = new(DynamicMapping.True, ImmutableSortedDictionary.Create<string, FieldMapping>(StringComparer.Ordinal));
}

/// <summary>What happens to a field that the mapping does not know.</summary>
public enum DynamicMapping
{
    /// <summary>It is added to the mapping.</summary>
    True = 0,

    /// <summary>It is stored and not searchable.</summary>
    False = 1,

    /// <summary>The document is refused.</summary>
    Strict = 2,
}

public enum FieldType
{
    Object = 0,
    Text = 1,
    Keyword = 2,
    Integer = 3,
    Long = 4,
    Float = 5,
    Double = 6,
    Boolean = 7,
    Date = 8,
    SemanticText = 9,
    SparseVector = 10,
}

/// <summary>One field of a mapping.</summary>
public sealed record FieldMapping(FieldType Type)
{
    /// <summary>Fields of an object.</summary>
    public ImmutableSortedDictionary<string, FieldMapping> Properties { get; init; } = EmptyFields;

    /// <summary>Multi-fields of a leaf (<c>title.keyword</c>).</summary>
    public ImmutableSortedDictionary<string, FieldMapping> SubFields { get; init; } = EmptyFields;

    /// <summary>Full paths of fields that get this field's text too.</summary>
    public ImmutableArray<string> CopyTo { get; init; } = [];

    /// <summary>Model of a <see cref="FieldType.SemanticText"/> field; always set in the catalog.</summary>
    public string? InferenceId { get; init; }

    /// <summary>
    /// Vector space (<see cref="Splade.Encoding.Packages.ModelFingerprint"/>) of a <see cref="FieldType.SemanticText"/> field's documents: set with the
    /// first of them, never changed. A model that is replaced under its name has another one, and its vectors are refused.
    /// </summary>
    public string? VectorSpace { get; init; }

    /// <summary>Of a <see cref="FieldType.SemanticText"/> field's document vectors; null: as its model says.</summary>
    public PruneSettings? Pruning { get; init; }

    /// <summary>Of queries on a <see cref="FieldType.SemanticText"/> field; null: as its model says.</summary>
    public PruneSettings? QueryPruning { get; init; }

    /// <summary>Of long texts in a <see cref="FieldType.SemanticText"/> field; null: <see cref="ChunkingSettings.Default"/>.</summary>
    public ChunkingSettings? Chunking { get; init; }

    /// <summary>What is left out of the document vectors of a <see cref="FieldType.SparseVector"/> or <see cref="FieldType.SemanticText"/> field; null: nothing.</summary>
    public StaticPruning? StaticPruning { get; init; }

    /// <summary>How the texts of the field and queries on it are encoded.</summary>
    public EncodingSettings Encoding => new() { Pruning = Pruning, QueryPruning = QueryPruning, Chunking = Chunking ?? ChunkingSettings.Default };

    /// <summary>Passages of the field's texts are scored one by one.</summary>
    public bool HasPassages => Encoding.Chunking.Scoring == PassageScoring.Passage;

    /// <summary>Date formats, joined by <c>||</c>.</summary>
    public string? Format { get; init; }

    /// <summary>Longest keyword that is indexed, in characters.</summary>
    public int? IgnoreAbove { get; init; }

    /// <summary>False: kept in the source only.</summary>
    public bool Index { get; init; } = true;

    public static ImmutableSortedDictionary<string, FieldMapping> EmptyFields { get; } =
        ImmutableSortedDictionary.Create<string, FieldMapping>(StringComparer.Ordinal);
}
