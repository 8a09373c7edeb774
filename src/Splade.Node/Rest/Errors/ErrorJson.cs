using System.Globalization;
using System.Text.Json;

namespace Splade.Node.Rest.Errors;

/// <summary>Writes errors in the dialect's shape.</summary>
internal static class ErrorJson
{
    /// <summary><c>{"error": ..., "status": n}</c>, a whole response body.</summary>
    public static void WriteBody(Utf8JsonWriter json, RestError error, string? stackTrace = null)
    {
        json.WriteStartObject();
        WriteMembers(json, error, stackTrace);
        json.WriteEndObject();
    }

    /// <summary>The members <c>error</c> and <c>status</c> of an object that is open.</summary>
    public static void WriteMembers(Utf8JsonWriter json, RestError error, string? stackTrace = null)
    {
        json.WritePropertyName("error");
        if (error.ReasonOnly)
        {
            json.WriteStringValue(error.Reason);
        }
        else
        {
            WriteError(json, error, stackTrace);
        }

        json.WriteNumber("status", error.Status);
    }

    /// <summary>The error object with its root causes.</summary>
    public static void WriteError(Utf8JsonWriter json, RestError error, string? stackTrace = null)
    {
        json.WriteStartObject();
        json.WriteStartArray("root_cause");
        foreach (var cause in error.RootCauses.IsEmpty ? [error] : error.RootCauses)
        {
            WriteCause(json, cause);
        }

        json.WriteEndArray();
        WriteCauseMembers(json, error);
        if (!error.FailedShards.IsEmpty)
        {
            WriteFailedShards(json, error);
        }

        if (stackTrace is not null)
        {
            json.WriteString("stack_trace", stackTrace);
        }

        json.WriteEndObject();
    }

    /// <summary>Only type, reason and details, as items and shard failures have it.</summary>
    public static void WriteCause(Utf8JsonWriter json, RestError error)
    {
        json.WriteStartObject();
        WriteCauseMembers(json, error);
        json.WriteEndObject();
    }

    /// <summary>Those that failed of the same cause are told once, as the dialect does: with the first of them.</summary>
    private static void WriteFailedShards(Utf8JsonWriter json, RestError error)
    {
        json.WriteBoolean("grouped", true);
        json.WriteStartArray("failed_shards");
        foreach (var (shard, cause) in error.FailedShards.DistinctBy(f => (f.Shard.Index, f.Error.Type, f.Error.Reason)))
        {
            json.WriteStartObject();
            json.WriteNumber("shard", shard.Number);
            json.WriteString("index", shard.Index);
            json.WritePropertyName("reason");
            WriteCause(json, cause);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCauseMembers(Utf8JsonWriter json, RestError error)
    {
        json.WriteString("type", error.Type);
        json.WriteString("reason", error.Reason);
        foreach (var (name, value) in error.Details)
        {
            if (value is int number)
            {
                json.WriteNumber(name, number);
            }
            else
            {
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
            }
        }
    }
}
