using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Ingest;

/// <summary>Finds fields by their full paths.</summary>
public static class FieldLookup
{
    /// <summary>Fields that an index may have: the mapping is held by every node.</summary>
    public const int MaxFields = 1000;

    /// <summary>Fields of a mapping, objects and multi-fields included.</summary>
    public static int Count(Mapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        return Count(mapping.Fields);

        static int Count(IReadOnlyDictionary<string, FieldMapping> fields) => fields.Sum(f => 1 + Count(f.Value.Properties) + Count(f.Value.SubFields));
    }

    /// <summary>The field or multi-field of a path such as <c>author.name.keyword</c>; null when the mapping has none.</summary>
    public static FieldMapping? Find(Mapping mapping, string path)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(path);
        var fields = mapping.Fields;
        for (var start = 0; ;)
        {
            // A name may itself contain dots: the longest that fits wins.
            var end = path.Length;
            FieldMapping? field;
            while (!fields.TryGetValue(path[start..end], out field) && (end = path.LastIndexOf('.', end - 1)) > start)
            {
            }

            if (field is null || end == path.Length)
            {
                return field;
            }

            start = end + 1;
            fields = field.Type == FieldType.Object ? field.Properties : field.SubFields;
        }
    }

    /// <summary>All leaves with their full paths, multi-fields included.</summary>
    public static IEnumerable<(string Path, FieldMapping Field)> Leaves(Mapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        return Leaves(mapping.Fields, "");

        static IEnumerable<(string, FieldMapping)> Leaves(IEnumerable<KeyValuePair<string, FieldMapping>> fields, string prefix) =>
            fields.SelectMany(f => f.Value.Type == FieldType.Object
                ? Leaves(f.Value.Properties, $"{prefix}{f.Key}.")
                : Leaves(f.Value.SubFields, $"{prefix}{f.Key}.").Prepend((prefix + f.Key, f.Value)));
    }
}
