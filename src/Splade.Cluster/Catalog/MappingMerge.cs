using System.Collections.Immutable;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Catalog;
using Splade.Encoding.Passages;

namespace Splade.Cluster.Catalog;

/// <summary>Adds fields to a mapping. What is there keeps its type and model: documents were indexed with them.</summary>
internal static class MappingMerge
{
    /// <returns>The same object when nothing is new.</returns>
    /// <exception cref="Api.SearchClusterException">A field would change.</exception>
    public static Mapping Merge(Mapping mapping, Mapping additions)
    {
        var fields = Merge(mapping.Fields, additions.Fields, "");
        if (ReferenceEquals(fields, mapping.Fields) && additions.Dynamic == mapping.Dynamic)
        {
            return mapping;
        }

        var merged = new Mapping(additions.Dynamic, fields);
        return FieldLookup.Count(merged) is > FieldLookup.MaxFields and var count
            ? throw Errors.IllegalArgument($"Limit of total fields [{FieldLookup.MaxFields}] has been exceeded: the index would have [{count}]")
            : merged;
    }

    private static ImmutableSortedDictionary<string, FieldMapping> Merge(
        ImmutableSortedDictionary<string, FieldMapping> fields, ImmutableSortedDictionary<string, FieldMapping> additions, string path)
    {
        foreach (var (name, added) in additions)
        {
            if (!fields.TryGetValue(name, out var field))
            {
                fields = fields.Add(name, added);
                continue;
            }

            var merged = Merge(field, added, path + name);
            if (!ReferenceEquals(merged, field))
            {
                fields = fields.SetItem(name, merged);
            }
        }

        return fields;
    }

    private static FieldMapping Merge(FieldMapping field, FieldMapping added, string path)
    {
        if (field.Type != added.Type)
        {
            throw Errors.IllegalArgument($"mapper [{path}] cannot be changed from type [{field.Type.Name()}] to [{added.Type.Name()}]");
        }

        if (added.InferenceId is not null && field.InferenceId != added.InferenceId)
        {
            throw Errors.IllegalArgument($"mapper [{path}] cannot change its inference_id from [{field.InferenceId}] to [{added.InferenceId}]: index the documents into a new index");
        }

        if (field.HasPassages && added.Chunking is { Scoring: not PassageScoring.Passage })
        {
            throw Errors.IllegalArgument(
                $"mapper [{path}] cannot change [chunking_settings] [scoring] from [passage] to [document]: documents there have a vector of each passage. Index them into a new index");
        }

        if (field.Index != added.Index)
        {
            throw Errors.IllegalArgument($"mapper [{path}] cannot change parameter [index] from [{field.Index}] to [{added.Index}]");
        }

        var properties = Merge(field.Properties, added.Properties, path + ".");
        var subFields = Merge(field.SubFields, added.SubFields, path + ".");
        var copyTo = added.CopyTo.All(field.CopyTo.Contains) ? field.CopyTo : [.. field.CopyTo.Union(added.CopyTo)];
        return ReferenceEquals(properties, field.Properties) && ReferenceEquals(subFields, field.SubFields) && copyTo == field.CopyTo
                && (added.IgnoreAbove is null || added.IgnoreAbove == field.IgnoreAbove)
                && (added.VectorSpace is null || field.VectorSpace is not null)
                && (added.Pruning is null || added.Pruning == field.Pruning)
                && (added.QueryPruning is null || added.QueryPruning == field.QueryPruning)
                && (added.Chunking is null || added.Chunking == field.Chunking)
                && (added.StaticPruning is null || added.StaticPruning == field.StaticPruning)
            ? field
            : field with
            {
                Properties = properties,
                SubFields = subFields,
                CopyTo = copyTo,
                IgnoreAbove = added.IgnoreAbove ?? field.IgnoreAbove,

                // The first stays: what comes in another one is refused by those who write it.
                VectorSpace = field.VectorSpace ?? added.VectorSpace,

                // For what is encoded and indexed from now on.
                Pruning = added.Pruning ?? field.Pruning,
                QueryPruning = added.QueryPruning ?? field.QueryPruning,
                Chunking = added.Chunking ?? field.Chunking,
                StaticPruning = added.StaticPruning ?? field.StaticPruning,
            };
    }
}
