using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Splade.Cluster.Api;
using Splade.Cluster.Catalog;
using Splade.Cluster.Protocol.Catalog;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Ingest;

/// <summary>Maps documents: one object for one document.</summary>
internal sealed class DocumentMapper
{
    private const int MaxDepth = 20;
    private const int DynamicIgnoreAbove = 256;

    /// <summary>Longest keyword or feature, in bytes: that of Lucene's terms.</summary>
    private const int MaxTermBytes = 32_766;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };
    private readonly string _id;
    private readonly Dictionary<string, Dictionary<string, float>> _vectors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StringBuilder> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FieldMapping> _semantic = new(StringComparer.Ordinal);
    private readonly Mapping _mapping;

    private DocumentMapper(string id, Mapping mapping)
    {
        _id = id;
        _mapping = mapping;
    }

    /// <exception cref="SearchClusterException">The document does not fit the mapping or is no JSON object; the message names field and value.</exception>
    public static MappedDocument Map(string id, ReadOnlyMemory<byte> source, Mapping mapping)
    {
        try
        {
            if (!Utf8.IsValid(source.Span))
            {
                throw Errors.Document($"failed to parse: document [{id}] is no valid UTF-8");
            }

            using var json = JsonDocument.Parse(source, Strict);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Errors.Document($"failed to parse: document [{id}] must be a JSON object but is {Kind(json.RootElement)}");
            }

            return new DocumentMapper(id, mapping).Map(json.RootElement);
        }
        catch (JsonException exception)
        {
            throw Errors.Document($"failed to parse: document [{id}] is no valid JSON: {exception.Message}");
        }
        catch (InvalidOperationException exception)
        {
            // JsonElement.GetString on text that is no valid UTF-16.
            throw Errors.Document($"failed to parse: document [{id}]: {exception.Message}");
        }
    }

    private MappedDocument Map(JsonElement root)
    {
        var fields = MapObject(root, "", _mapping.Fields, 1);
        var mapping = ReferenceEquals(fields, _mapping.Fields) ? _mapping : _mapping with { Fields = fields };
        if (!ReferenceEquals(mapping, _mapping) && FieldLookup.Count(mapping) is > FieldLookup.MaxFields and var count)
        {
            throw Errors.IllegalArgument(
                $"Limit of total fields [{FieldLookup.MaxFields}] has been exceeded by document [{_id}], which makes it [{count}]: map the field as [sparse_vector], or set [dynamic] to false");
        }

        return new MappedDocument(
            [.. _vectors.Where(v => v.Value.Count > 0).Select(v => new SparseField(v.Key, [.. v.Value.Select(f => new FeatureWeight(f.Key, f.Value))]))],
            [.. _texts.Select(t => new SemanticText(
                t.Key, _semantic[t.Key].InferenceId ?? ModelRegistry.DefaultModel, _semantic[t.Key].Encoding, t.Value.ToString()))],
            mapping);
    }

    private ImmutableSortedDictionary<string, FieldMapping> MapObject(
        JsonElement json, string prefix, ImmutableSortedDictionary<string, FieldMapping> fields, int depth)
    {
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name.Length == 0)
            {
                throw Errors.Document($"document [{_id}] has a field with an empty name in [{prefix}]");
            }

            fields = MapProperty(property.Name, property.Value, prefix, fields, depth);
        }

        return fields;
    }

    private ImmutableSortedDictionary<string, FieldMapping> MapProperty(
        string name, JsonElement value, string prefix, ImmutableSortedDictionary<string, FieldMapping> fields, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Errors.Document($"document [{_id}] is nested deeper than {MaxDepth} objects at [{prefix}]");
        }

        if (!fields.TryGetValue(name, out var field))
        {
            // A dotted name is a path of objects.
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && dot < name.Length - 1)
            {
                var outer = fields.GetValueOrDefault(name[..dot]) ?? new FieldMapping(FieldType.Object);
                if (outer.Type == FieldType.Object)
                {
                    var mapped = MapProperty(name[(dot + 1)..], value, prefix + name[..(dot + 1)], outer.Properties, depth + 1);
                    return ReferenceEquals(mapped, outer.Properties) ? fields : fields.SetItem(name[..dot], outer with { Properties = mapped });
                }
            }

            if (_mapping.Dynamic == DynamicMapping.Strict)
            {
                throw Errors.Of(
                    "strict_dynamic_mapping_exception",
                    $"mapping set to strict, dynamic introduction of [{name}] within [{(prefix.Length == 0 ? "_doc" : prefix.TrimEnd('.'))}] is not allowed",
                    400);
            }

            if (_mapping.Dynamic == DynamicMapping.False || DetectType(value) is not { } detected)
            {
                return fields;
            }

            if (PassageFields.IsReserved(name))
            {
                throw Errors.Document($"document [{_id}] has a field [{prefix}{name}], but such names are reserved: {PassageFields.ReservedNames}");
            }

            field = detected;
            fields = fields.Add(name, field);
        }

        var path = prefix + name;
        if (field.Type == FieldType.Object)
        {
            foreach (var item in Items(value))
            {
                if (item.ValueKind == JsonValueKind.Null)
                {
                    continue;
                }

                if (item.ValueKind != JsonValueKind.Object)
                {
                    throw Errors.Document($"object mapping for [{path}] tried to parse field [{path}] as object, but found a concrete value");
                }

                var properties = MapObject(item, path + ".", field.Properties, depth + 1);
                if (!ReferenceEquals(properties, field.Properties))
                {
                    field = field with { Properties = properties };
                    fields = fields.SetItem(name, field);
                }
            }

            return fields;
        }

        MapLeaf(path, field, value);
        return fields;
    }

    private void MapLeaf(string path, FieldMapping field, JsonElement value)
    {
        try
        {
            if (field.Type == FieldType.SparseVector)
            {
                foreach (var item in Items(value).Where(i => i.ValueKind != JsonValueKind.Null))
                {
                    AddVector(path, item);
                }

                return;
            }

            foreach (var item in Items(value).Where(i => i.ValueKind != JsonValueKind.Null))
            {
                if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    throw new FormatException($"expected a value but found {Kind(item)}");
                }

                AddScalar(path, field, item);
            }
        }
        catch (FormatException exception)
        {
            throw Errors.Document($"failed to parse field [{path}] of type [{field.Type.Name()}] in document with id '{_id}': {exception.Message}");
        }
        catch (OverflowException exception)
        {
            throw Errors.Document($"failed to parse field [{path}] of type [{field.Type.Name()}] in document with id '{_id}': {exception.Message}");
        }
    }

    private void AddScalar(string path, FieldMapping field, JsonElement value, bool isCopy = false)
    {
        var text = FieldValues.Text(value);
        switch (field.Type)
        {
            case FieldType.Text:
                break;
            case FieldType.SemanticText:
                AddText(path, field, text);
                break;
            case FieldType.Keyword when text.Length > (field.IgnoreAbove ?? int.MaxValue):
                break;
            default:
                var canonical = FieldValues.Canonical(field.Type, field.Format, text);
                if (field.Index)
                {
                    Vector(path)[Checked(canonical, "a value", "set [ignore_above], or use a text field")] = 1f;
                }

                break;
        }

        foreach (var (name, sub) in field.SubFields)
        {
            AddScalar($"{path}.{name}", sub, value, isCopy: true);
        }

        // A copy is not copied on, so that fields may name each other.
        if (isCopy)
        {
            return;
        }

        foreach (var target in field.CopyTo)
        {
            if (FindField(target) is not { } copy)
            {
                throw new FormatException($"copy_to names the field [{target}], which the mapping does not have");
            }

            AddScalar(target, copy, value, isCopy: true);
        }
    }

    private void AddVector(string path, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"expected an object of feature and weight but found {Kind(value)}");
        }

        var vector = Vector(path);
        foreach (var feature in value.EnumerateObject())
        {
            if (feature.Name.Length == 0)
            {
                throw new FormatException("a feature must have a name");
            }

            if (feature.Value.ValueKind != JsonValueKind.Number || !feature.Value.TryGetSingle(out var weight) || !(weight > 0f) || float.IsInfinity(weight))
            {
                throw new FormatException($"the weight of feature [{feature.Name}] must be a positive and finite number, but is [{feature.Value.GetRawText()}]");
            }

            // Several vectors of one field are one: the larger weight of each feature.
            vector[Checked(feature.Name, "the name of a feature", "shorten it")] = Math.Max(vector.GetValueOrDefault(feature.Name), weight);
        }
    }

    private void AddText(string path, FieldMapping field, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        if (!_texts.TryGetValue(path, out var builder))
        {
            _texts.Add(path, builder = new StringBuilder());
            _semantic.Add(path, field);
        }

        builder.Append(builder.Length == 0 ? "" : "\n").Append(text);
    }

    private Dictionary<string, float> Vector(string path)
    {
        if (!_vectors.TryGetValue(path, out var vector))
        {
            _vectors.Add(path, vector = new Dictionary<string, float>(StringComparer.Ordinal));
        }

        return vector;
    }

    private static string Checked(string term, string what, string advice) => System.Text.Encoding.UTF8.GetByteCount(term) is > MaxTermBytes and var bytes
        ? throw new FormatException($"{what} of {bytes} bytes is longer than the limit of {MaxTermBytes}: {advice}")
        : term;

    private FieldMapping? FindField(string path) => FieldLookup.Find(_mapping, path);

    /// <summary>The field that dynamic mapping makes of a value; null when the value says nothing.</summary>
    private static FieldMapping? DetectType(JsonElement value)
    {
        foreach (var item in Items(value))
        {
            switch (item.ValueKind)
            {
                case JsonValueKind.Object:
                    return new FieldMapping(FieldType.Object);
                case JsonValueKind.True or JsonValueKind.False:
                    return new FieldMapping(FieldType.Boolean);
                case JsonValueKind.Number:
                    return new FieldMapping(item.TryGetInt64(out _) ? FieldType.Long : FieldType.Float);
                case JsonValueKind.String when FieldValues.LooksLikeDate(item.GetString()!):
                    return new FieldMapping(FieldType.Date);
                case JsonValueKind.String:
                    return new FieldMapping(FieldType.Text)
                    {
                        SubFields = FieldMapping.EmptyFields.Add("keyword", new FieldMapping(FieldType.Keyword) { IgnoreAbove = DynamicIgnoreAbove }),
                    };
            }
        }

        return null;
    }

    /// <summary>A value, or the values of an array and of the arrays in it.</summary>
    private static IEnumerable<JsonElement> Items(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(Items) : [value];

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
