using System.Text.Encodings.Web;
using System.Text.Json;

namespace Splade.Cli.Commands;

/// <summary>What <c>--json</c> prints: indented, every script as it is.</summary>
internal static class JsonOutput
{
    /// <summary>For a terminal, not for a web page: only what JSON itself needs is escaped.</summary>
    public static readonly JsonSerializerOptions Compact = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true };

    /// <summary>All that the value's own type has, not only what <typeparamref name="T"/> has.</summary>
    public static void Print<T>(T value)
        where T : class => Console.WriteLine(JsonSerializer.Serialize(value, value.GetType(), Indented));
}
