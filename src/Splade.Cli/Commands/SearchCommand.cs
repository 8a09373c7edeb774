using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Splade.Cli.Commands;

/// <summary><c>splade search</c>: one search, with the terms that matched.</summary>
internal static class SearchCommand
{
    private const int SnippetLength = 90;
    private const int ShownTerms = 6;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var text = new Argument<string>("text") { Description = "What to search for." };
        var index = ImportCommand.Index();
        var k = CommandRunner.Option("--k", "Hits wanted.", 10);
        var field = CommandRunner.Option("--field", "Semantic field to search.", "semantic");
        var json = CommandRunner.Option("--json", "Print the node's answer as JSON.", false);
        var connection = new ConnectionOptions();
        var command = new Command(
            "search", "Search an index and show which terms matched, with their share of the score.\n\nExample: splade search \"why is the sky blue\" --index demo")
        {
            text, index, k, field, json,
        };
        connection.AddTo(command);
        command.Run(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed);
            var body = new JsonObject
            {
                ["size"] = parsed.GetValue(k),
                ["explain"] = true,
                ["query"] = new JsonObject { ["semantic"] = new JsonObject { ["field"] = parsed.GetValue(field), ["query"] = parsed.GetValue(text) } },
            };
            var answer = await client.PostAsync($"/{Uri.EscapeDataString(parsed.GetValue(index)!)}/_search", body, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(answer.ToJsonString(Indented));
            }
            else
            {
                Print(answer);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(JsonNode answer)
    {
        var table = new Table().AddColumns("#", "score", "id", "document", "matched terms").Border(TableBorder.Rounded);
        var rank = 0;
        foreach (var hit in answer["hits"]!["hits"]!.AsArray())
        {
            table.AddRow(
                (++rank).ToString(CultureInfo.InvariantCulture),
                ((float)hit!["_score"]!).ToString("0.000", CultureInfo.InvariantCulture),
                Markup.Escape((string)hit["_id"]!),
                Markup.Escape(Snippet(hit["_source"])),
                Markup.Escape(Terms(hit["_explanation"])));
        }

        AnsiConsole.Write(table);
        var total = answer["hits"]!["total"]!;
        AnsiConsole.WriteLine(
            $"{((string?)total["relation"] == "gte" ? "more than " : "")}{total["value"]} {((long)total["value"]! == 1 ? "document" : "documents")} matched in {answer["took"]} ms");
        if ((int)answer["_shards"]!["failed"]! > 0 || (bool)answer["timed_out"]!)
        {
            Console.Error.WriteLine($"splade: the answer is not complete: {answer["_shards"]!.ToJsonString()}");
        }
    }

    private static string Snippet(JsonNode? source)
    {
        var text = string.Join(": ", new[] { source?["title"], source?["text"] }.OfType<JsonValue>().Select(v => v.ToString()).Where(v => v.Length > 0)).ReplaceLineEndings(" ");
        return text.Length <= SnippetLength ? text : text[..SnippetLength] + "…";
    }

    /// <summary>The explanation names a part <c>weight(field:feature), ...</c>.</summary>
    private static string Terms(JsonNode? explanation) => string.Join(
        ", ",
        (explanation?["details"]?.AsArray() ?? []).Take(ShownTerms).Select(part =>
        {
            var description = (string)part!["description"]!;
            var start = description.IndexOf(':', StringComparison.Ordinal) + 1;
            var end = description.IndexOf("), ", start, StringComparison.Ordinal);
            return string.Create(CultureInfo.InvariantCulture, $"{(end < 0 ? description : description[start..end])} {(float)part["value"]!:0.00}");
        }));
}
