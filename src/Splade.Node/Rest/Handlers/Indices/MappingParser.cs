using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Splade.Cluster.Ingest;
using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Indices;

/// <summary>Reads a mapping; what it does not know is refused by name.</summary>
internal static class MappingParser
{
    private const int MaxObjectDepth = 20;

    /// <exception cref="RestException">mapper_parsing_exception that names field and parameter.</exception>
    public static Mapping Parse(JsonPart mappings)
    {
        if (!mappings.IsObject)
        {
            throw RestErrors.MapperParsing("Failed to parse mapping: it must be an object");
        }

        var dynamic = DynamicMapping.True;
        var fields = FieldMapping.EmptyFields;
        foreach (var (name, value, _) in mappings.Members)
        {
            switch (name)
            {
                case "dynamic":
                    dynamic = Dynamic(value);
                    break;
                case "properties":
                    fields = Properties("", value, 1);
                    break;
                default:
                    throw RestErrors.MapperParsing(
                        $"Failed to parse mapping: Root mapping definition has unsupported parameters: [{name}]; supported are [dynamic, properties]");
            }
        }

        var mapping = new Mapping(dynamic, fields);
        return FieldLookup.Count(mapping) is > FieldLookup.MaxFields and var count
            ? throw RestErrors.IllegalArgument($"Limit of total fields [{FieldLookup.MaxFields}] has been exceeded: the mapping has [{count}]")
            : mapping;
    }

    private static DynamicMapping Dynamic(JsonPart value) => value.ScalarText switch
    {
        "true" => DynamicMapping.True,
        "false" => DynamicMapping.False,
        "strict" => DynamicMapping.Strict,
        var other => throw RestErrors.MapperParsing($"Failed to parse mapping: [dynamic] of [{other}] is not supported: give [true], [false] or [strict]"),
    };

    private static ImmutableSortedDictionary<string, FieldMapping> Properties(string prefix, JsonPart properties, int depth)
    {
        if (!properties.IsObject)
        {
            throw RestErrors.MapperParsing($"Failed to parse mapping: [properties] of [{(prefix.Length == 0 ? "_doc" : prefix)}] must be an object");
        }

        if (depth > MaxObjectDepth)
        {
            throw RestErrors.IllegalArgument($"Limit of mapping depth [{MaxObjectDepth}] has been exceeded due to object field [{prefix}]");
        }

        var fields = FieldMapping.EmptyFields;
        foreach (var (name, definition, _) in properties.Members)
        {
            fields = Add(prefix, fields, name, definition, depth);
        }

        return fields;
    }

    /// <summary>A dotted name stands for objects in each other.</summary>
    private static ImmutableSortedDictionary<string, FieldMapping> Add(
        string prefix, ImmutableSortedDictionary<string, FieldMapping> fields, string name, JsonPart definition, int depth)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var head = dot < 0 ? name : name[..dot];
        var path = Path(prefix, head);
        if (string.IsNullOrWhiteSpace(head) || dot == name.Length - 1)
        {
            throw RestErrors.MapperParsing($"Failed to parse mapping: the field name [{Path(prefix, name)}] has an empty part");
        }

        if (head.StartsWith('_') && prefix.Length == 0)
        {
            throw RestErrors.MapperParsing($"Failed to parse mapping: Field [{head}] is reserved: choose a name without a leading underscore");
        }

        if (PassageFields.IsReserved(head))
        {
            throw RestErrors.MapperParsing($"Failed to parse mapping: Field [{path}] is reserved: {PassageFields.ReservedNames}");
        }

        var existing = fields.GetValueOrDefault(head);
        if (dot < 0)
        {
            var field = Field(path, definition, depth);
            return existing is null ? fields.Add(head, field) : fields.SetItem(head, Merge(path, existing, field));
        }

        if (existing is { Type: not FieldType.Object })
        {
            throw RestErrors.MapperParsing($"Failed to parse mapping: the field [{path}] can't be both a leaf and an object");
        }

        if (depth > MaxObjectDepth)
        {
            throw RestErrors.IllegalArgument($"Limit of mapping depth [{MaxObjectDepth}] has been exceeded due to object field [{path}]");
        }

        var parent = existing ?? new FieldMapping(FieldType.Object);
        return fields.SetItem(head, parent with { Properties = Add(path, parent.Properties, name[(dot + 1)..], definition, depth + 1) });
    }

    private static FieldMapping Merge(string path, FieldMapping first, FieldMapping second)
    {
        if (first.Type != FieldType.Object || second.Type != FieldType.Object)
        {
            throw RestErrors.MapperParsing($"Failed to parse mapping: the field [{path}] is defined twice");
        }

        var properties = second.Properties.Aggregate(
            first.Properties,
            (all, f) => all.SetItem(f.Key, all.TryGetValue(f.Key, out var other) ? Merge(Path(path, f.Key), other, f.Value) : f.Value));
        return first with { Properties = properties };
    }

    private static FieldMapping Field(string path, JsonPart definition, int depth, bool isSubField = false)
    {
        if (!definition.IsObject)
        {
            throw RestErrors.MapperParsing($"Expected map for property [fields] on field [{path}] but got a {definition.Kind}");
        }

        var type = FieldTypes.Parse(path, definition["type"], definition["properties"] is not null);
        var field = new FieldMapping(type);
        foreach (var (name, value, _) in definition.Members)
        {
            if (name == "type")
            {
                continue;
            }

            if (!FieldTypes.Parameters(type, isSubField).Contains(name))
            {
                throw RestErrors.MapperParsing(
                    $"Failed to parse mapping: unknown or unsupported parameter [{name}] on mapper [{path}] of type [{FieldTypes.Name(type)}]; supported are [{string.Join(", ", FieldTypes.Parameters(type, isSubField))}]");
            }

            field = Parameter(path, field, name, value, depth);
        }

        return field;
    }

    private static FieldMapping Parameter(string path, FieldMapping field, string name, JsonPart value, int depth) => name switch
    {
        "properties" => field with { Properties = Properties(path, value, depth + 1) },
        "fields" => field with { SubFields = SubFields(path, value, depth) },
        "copy_to" => field with { CopyTo = [.. Texts(path, name, value)] },
        "inference_id" => field with { InferenceId = Text(path, name, value) },
        "sparse_encoding_config" => EncodingParser.Pruning(path, field, value),
        "chunking_settings" => field with { Chunking = EncodingParser.Chunking(path, value) },
        "index_options" => field with { StaticPruning = IndexOptionsParser.Parse(path, field.Type, value) },
        "format" => field with { Format = Text(path, name, value) },
        "ignore_above" => field with { IgnoreAbove = Positive(path, name, value) },
        _ => field with { Index = value.ScalarText is "true" or "false" ? value.ScalarText == "true" : throw Bad(path, name, "true or false") },
    };

    private static ImmutableSortedDictionary<string, FieldMapping> SubFields(string path, JsonPart value, int depth)
    {
        if (!value.IsObject)
        {
            throw Bad(path, "fields", "an object");
        }

        var fields = FieldMapping.EmptyFields;
        foreach (var (name, definition, _) in value.Members)
        {
            if (string.IsNullOrWhiteSpace(name) || name.Contains('.', StringComparison.Ordinal))
            {
                throw RestErrors.MapperParsing($"Failed to parse mapping: Field name [{name}] which is a multi field of [{path}] cannot contain '.' or be empty");
            }

            if (PassageFields.IsReserved(name))
            {
                throw RestErrors.MapperParsing($"Failed to parse mapping: Field [{Path(path, name)}] is reserved: {PassageFields.ReservedNames}");
            }

            var field = Field(Path(path, name), definition, depth, isSubField: true);
            fields = field.Type == FieldType.Object
                ? throw RestErrors.MapperParsing($"Failed to parse mapping: Type [object] cannot be used in multi field [{Path(path, name)}]")
                : fields.Add(name, field);
        }

        return fields;
    }

    private static string Text(string path, string name, JsonPart value) =>
        value.Kind == JsonValueKind.String && value.Text!.Length > 0 ? value.Text : throw Bad(path, name, "a string that is not empty");

    private static IEnumerable<string> Texts(string path, string name, JsonPart value) =>
        value.Kind == JsonValueKind.Array ? value.Items.Select(i => Text(path, name, i)) : [Text(path, name, value)];

    private static int Positive(string path, string name, JsonPart value) =>
        int.TryParse(value.ScalarText, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw Bad(path, name, "a positive integer");

    private static RestException Bad(string path, string name, string expected) =>
        RestErrors.MapperParsing($"Failed to parse mapping: [{name}] on mapper [{path}] must be {expected}");

    private static string Path(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}.{name}";
}
