using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Splade.Cluster.Protocol.Catalog;

namespace Splade.Node.Rest.Handlers.Indices;

/// <summary>Indices as the API shows them.</summary>
internal static class IndexJson
{
    /// <summary>The <c>version.created</c> of an index: the dialect's version as a number.</summary>
    private const string VersionCreated = "9000099";

    /// <summary>The value of <c>mappings</c>.</summary>
    public static void WriteMapping(Utf8JsonWriter json, Mapping mapping)
    {
        json.WriteStartObject();
        if (mapping.Dynamic != DynamicMapping.True)
        {
            json.WriteString("dynamic", mapping.Dynamic == DynamicMapping.False ? "false" : "strict");
        }

        WriteFields(json, "properties", mapping.Fields);
        json.WriteEndObject();
    }

    /// <summary>The value of <c>settings</c>: nested strings, or dotted ones.</summary>
    public static void WriteSettings(Utf8JsonWriter json, IndexMetadata index, bool flat, bool human)
    {
        (string Name, string Value)[] settings =
        [
            ("creation_date", index.CreatedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
            .. human ? [("creation_date_string", index.CreatedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture))] : Array.Empty<(string, string)>(),
            ("number_of_replicas", index.NumberOfReplicas.ToString(CultureInfo.InvariantCulture)),
            ("number_of_shards", index.NumberOfShards.ToString(CultureInfo.InvariantCulture)),
            ("provided_name", index.Name),
            ("refresh_interval", IndexSettings.FormatInterval(index.RefreshInterval)),
            ("uuid", index.Uuid),
        ];
        json.WriteStartObject();
        if (!flat)
        {
            json.WriteStartObject("index");
        }

        foreach (var (name, value) in settings)
        {
            json.WriteString(flat ? "index." + name : name, value);
        }

        if (flat)
        {
            json.WriteString("index.version.created", VersionCreated);
        }
        else
        {
            json.WriteStartObject("version");
            json.WriteString("created", VersionCreated);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, FieldMapping> fields)
    {
        if (fields.IsEmpty)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach (var (field, mapping) in fields)
        {
            json.WriteStartObject(field);
            WriteField(json, mapping);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter json, FieldMapping field)
    {
        if (field.Type != FieldType.Object || field.Properties.IsEmpty)
        {
            json.WriteString("type", FieldTypes.Name(field.Type));
        }

        if (!field.Index)
        {
            json.WriteBoolean("index", false);
        }

        if (field.InferenceId is { } model)
        {
            json.WriteString("inference_id", model);
        }

        EncodingParser.Write(json, field);
        IndexOptionsParser.Write(json, field);
        if (field.Format is { } format)
        {
            json.WriteString("format", format);
        }

        if (field.IgnoreAbove is { } ignoreAbove)
        {
            json.WriteNumber("ignore_above", ignoreAbove);
        }

        if (!field.CopyTo.IsEmpty)
        {
            json.WriteStartArray("copy_to");
            foreach (var target in field.CopyTo)
            {
                json.WriteStringValue(target);
            }

            json.WriteEndArray();
        }

        WriteFields(json, "properties", field.Properties);
        WriteFields(json, "fields", field.SubFields);
    }
}
