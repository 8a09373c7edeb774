using System.IO.Compression;
using System.Text.Json;
using Splade.Evaluation.Collections.Json;

namespace Splade.Cli.Commands.Models;

/// <summary>
/// Reads texts, one JSON object a line: <c>{"id","text"}</c>, or <c>{"_id","title","text"}</c> as BEIR has it. The file "-" is standard input, and one
/// that ends with <c>.gz</c> is unpacked. Lines are read as they are needed, so that a file may be larger than the memory.
/// </summary>
internal static class TextLines
{
    private const string StandardInput = "-";

    /// <summary>Reads all lines once, so that a fault in the last one shows before work on the first begins.</summary>
    /// <returns>Number of texts; 0 for a stream, which can be read only once.</returns>
    /// <exception cref="CliException">A line is no such object; the message has its number.</exception>
    public static int Check(string file)
    {
        using var stream = Open(file);
        return stream is GZipStream || stream.CanSeek ? Read(file).Count() : 0;
    }

    /// <exception cref="CliException">A line is no such object; the message has its number.</exception>
    public static IEnumerable<(JsonElement? Id, string Text)> Read(string file)
    {
        using var lines = new LineReader(Open(file), file);
        while (lines.TryRead(out var line))
        {
            if (line.Span.ContainsAnyExcept(" \t\r"u8))
            {
                yield return Parse(file, lines.Number, line);
            }
        }
    }

    private static Stream Open(string file)
    {
        if (file == StandardInput)
        {
            return Console.OpenStandardInput();
        }

        if (!File.Exists(file))
        {
            throw new CliException($"There is no file {file}.");
        }

        var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        return file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    private static (JsonElement? Id, string Text) Parse(string file, long number, ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException($"it is {Kind(json)}");
            }

            var text = String(json, "text") ?? throw new FormatException("it has no [text]");
            var title = String(json, "title");
            return (Id(json), string.IsNullOrEmpty(title) ? text : $"{title} {text}");
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            throw new CliException(
                $"{file}, line {number}: expected an object with [id] and [text] such as {{\"id\":\"1\",\"text\":\"...\"}}: {exception.Message.Split(" LineNumber", 2)[0]}", exception);
        }
    }

    private static JsonElement? Id(JsonElement json)
    {
        if (!json.TryGetProperty("id", out var id) && !json.TryGetProperty("_id", out id))
        {
            return null;
        }

        if (id.ValueKind == JsonValueKind.String)
        {
            Unicode(id, "id");
        }

        return id.Clone();
    }

    private static string? String(JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => Unicode(value, name),
        JsonValueKind.Null => null,
        _ => throw new FormatException($"[{name}] is {Kind(value)}, not a string"),
    };

    private static string Unicode(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FormatException($"[{name}] is no Unicode text: it has bytes that are not UTF-8, or half of a surrogate pair");
        }
    }

    private static string Kind(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
