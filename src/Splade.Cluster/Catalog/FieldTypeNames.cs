using Splade.Cluster.Protocol.Catalog;

namespace Splade.Cluster.Catalog;

/// <summary>Names of field types as mappings spell them.</summary>
public static class FieldTypeNames
{
    public static string Name(this FieldType type) => type switch
    {
        FieldType.SemanticText => "semantic_text",
        FieldType.SparseVector => "sparse_vector",
        _ => type.ToString().ToLowerInvariant(),
    };

    /// <summary>Null for a name that is no field type.</summary>
    public static FieldType? Parse(string name) =>
        Enum.GetValues<FieldType>().Cast<FieldType?>().FirstOrDefault(t => t!.Value.Name() == name);
}
