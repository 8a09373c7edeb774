using System.Collections.Immutable;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Ingest;

/// <summary>Which vector space each semantic field of a mapping is in: that of its first document.</summary>
internal static class VectorSpaces
{
    /// <summary>A mapping in which the fields of these paths are in these spaces, unless they are in one already.</summary>
    /// <returns>The same object when nothing is new.</returns>
    public static Mapping Set(Mapping mapping, IReadOnlyDictionary<string, string> spaces)
    {
        var fields = Set(mapping.Fields, spaces, "");
        return ReferenceEquals(fields, mapping.Fields) ? mapping : mapping with { Fields = fields };
    }

    private static ImmutableSortedDictionary<string, FieldMapping> Set(
        ImmutableSortedDictionary<string, FieldMapping> fields, IReadOnlyDictionary<string, string> spaces, string prefix)
    {
        foreach (var (name, field) in fields)
        {
            var path = prefix + name;
            var changed = field;
            if (Set(field.Properties, spaces, path + ".") is var properties && !ReferenceEquals(properties, field.Properties))
            {
                changed = changed with { Properties = properties };
            }

            if (Set(field.SubFields, spaces, path + ".") is var subFields && !ReferenceEquals(subFields, field.SubFields))
            {
                changed = changed with { SubFields = subFields };
            }

            if (field is { Type: FieldType.SemanticText, VectorSpace: null } && spaces.TryGetValue(path, out var space))
            {
                changed = changed with { VectorSpace = space };
            }

            if (!ReferenceEquals(changed, field))
            {
                fields = fields.SetItem(name, changed);
            }
        }

        return fields;
    }
}
