using System.Text.Json;
using System.Text.Json.Nodes;

namespace Splade.Cli.Commands.Models;

/// <summary>Reads texts, one JSON object a line: <c>{"id","text"}</c>, or <c>{"_id","title","text"}</c> as BEIR has it.</summary>
internal static class TextLines
{
    /// <exception cref="CliException">A line is no such object; the message has its number.</exception>
    public static IEnumerable<(JsonNode? Id, string Text)> Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new CliException($"There is no file {file}.");
        }

        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (line.Length > 0)
            {
                yield return Parse(file, number, line);
            }
        }
    }

    private static (JsonNode? Id, string Text) Parse(string file, int number, string line)
    {
        try
        {
            var json = JsonNode.Parse(line)!.AsObject();
            var text = (string?)json["text"] ?? throw new FormatException("it has no [text]");
            var title = (string?)json["title"];
            return ((json["id"] ?? json["_id"])?.DeepClone(), string.IsNullOrEmpty(title) ? text : $"{title} {text}");
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or NullReferenceException)
        {
            throw new CliException(
                $"{file}, line {number}: expected an object with [id] and [text] such as {{\"id\":\"1\",\"text\":\"...\"}}: {exception.Message.Split(" LineNumber", 2)[0]}", exception);
        }
    }
}
