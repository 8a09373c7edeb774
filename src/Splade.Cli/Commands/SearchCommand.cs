using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Splade.Cli.Client;

namespace Splade.Cli.Commands;

/// <summary><c>splade search</c>: one search, with the terms that matched.</summary>
internal static class SearchCommand
{
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
            var (name, searched) = (parsed.GetValue(index)!, parsed.GetValue(field)!);
            var body = new JsonObject
            {
                ["size"] = parsed.GetValue(k),
                ["explain"] = true,
                ["query"] = new JsonObject { ["semantic"] = new JsonObject { ["field"] = searched, ["query"] = parsed.GetValue(text) } },
            };
            var answer = await client.PostAsync($"/{Uri.EscapeDataString(name)}/_search", body, cancellationToken).ConfigureAwait(false);
            if ((long)answer["hits"]!["total"]!["value"]! == 0)
            {
                await IndexFields.CheckAsync(
                    client, name, searched, ["semantic_text"], "'splade search' needs one, which 'splade import' makes.", cancellationToken).ConfigureAwait(false);
            }

            if (parsed.GetValue(json))
            {
                JsonOutput.Print(answer);
            }
            else
            {
                Print(answer, searched);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(JsonNode answer, string field)
    {
        var table = new Table().AddColumns("#", "score", "id", "document", "matched terms").Border(TableBorder.Rounded);
        foreach (var hit in answer["hits"]!["hits"]!.AsArray())
        {
            table.AddRow(
                (table.Rows.Count + 1).ToString(CultureInfo.InvariantCulture),
                ((float)hit!["_score"]!).ToString("0.000", CultureInfo.InvariantCulture),
                Markup.Escape(HitText.OneLine((string)hit["_id"]!)),
                Markup.Escape(HitText.Snippet(hit["_source"], field)),
                Markup.Escape(HitText.Terms(hit["_explanation"])));
        }

        if (table.Rows.Count > 0)
        {
            AnsiConsole.Write(table);
        }

        var total = answer["hits"]!["total"]!;
        AnsiConsole.WriteLine(
            $"{((string?)total["relation"] == "gte" ? "at least " : "")}{total["value"]} {((long)total["value"]! == 1 ? "document" : "documents")} matched in {answer["took"]} ms");
        if ((int)answer["_shards"]!["failed"]! > 0 || (bool)answer["timed_out"]!)
        {
            Console.Error.WriteLine($"splade: the answer is not complete: {answer["_shards"]!.ToJsonString(JsonOutput.Compact)}");
        }
    }
}
