using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest;

/// <summary>Field types of mappings: their names and what each may be configured with.</summary>
internal static class FieldTypes
{
    private static readonly (string Name, FieldType Type)[] All =
    [
        ("object", FieldType.Object), ("text", FieldType.Text), ("keyword", FieldType.Keyword), ("integer", FieldType.Integer), ("long", FieldType.Long),
        ("float", FieldType.Float), ("double", FieldType.Double), ("boolean", FieldType.Boolean), ("date", FieldType.Date),
        ("semantic_text", FieldType.SemanticText), ("sparse_vector", FieldType.SparseVector),
    ];

    public static string Name(FieldType type) => Array.Find(All, t => t.Type == type).Name;

    /// <summary>The type that a definition names; an object where it has properties and no type.</summary>
    public static FieldType Parse(string path, JsonPart? type, bool hasProperties)
    {
        if (type is null)
        {
            return hasProperties ? FieldType.Object : throw RestErrors.MapperParsing($"Failed to parse mapping: No type specified for field [{path}]");
        }

        var index = Array.FindIndex(All, t => t.Name == type.ScalarText);
        return index >= 0
            ? All[index].Type
            : throw RestErrors.MapperParsing(
                $"Failed to parse mapping: No handler for type [{type.ScalarText}] declared on field [{path}]; supported types are [{string.Join(", ", All.Select(t => t.Name))}]");
    }

    public static string[] Parameters(FieldType type, bool isSubField)
    {
        string[] own = type switch
        {
            FieldType.Object => ["properties"],
            FieldType.Keyword => ["index", "ignore_above"],
            FieldType.Date => ["index", "format"],
            FieldType.SemanticText => ["inference_id", "sparse_encoding_config", "chunking_settings", "index_options"],
            FieldType.SparseVector => ["index_options"],
            _ => ["index"],
        };
        return type is FieldType.Object or FieldType.SparseVector || isSubField ? own : [.. own, "fields", "copy_to"];
    }

    /// <summary>The field at a full path, through objects and multi-fields; null for one that is not mapped.</summary>
    public static FieldMapping? Find(Mapping mapping, string path)
    {
        var fields = mapping.Fields;
        FieldMapping? field = null;
        foreach (var name in path.Split('.'))
        {
            if (!fields.TryGetValue(name, out field))
            {
                return null;
            }

            fields = field.Type == FieldType.Object ? field.Properties : field.SubFields;
        }

        return field;
    }
}
