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
                await CheckFieldAsync(client, name, searched, cancellationToken).ConfigureAwait(false);
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

    /// <summary>To the node a field that no document has is a search without hits; to a person it is a wrong name.</summary>
    /// <exception cref="CliException">The index has no such field.</exception>
    private static async Task CheckFieldAsync(SpladeClient client, string index, string field, CancellationToken cancellationToken)
    {
        var mappings = await client.GetAsync($"/{Uri.EscapeDataString(index)}/_mapping", cancellationToken).ConfigureAwait(false);
        var fields = mappings.AsObject().SelectMany(i => SemanticFields(i.Value!["mappings"]?["properties"], "")).Distinct().ToArray();
        if (!fields.Contains(field))
        {
            throw new CliException(
                fields.Length == 0
                    ? $"The index {index} has no semantic_text field: 'splade search' needs one, which 'splade import' makes."
                    : $"The index {index} has no field {field} to search: name one with --field. It has {string.Join(", ", fields)}.");
        }
    }

    private static IEnumerable<string> SemanticFields(JsonNode? properties, string prefix) =>
        (properties?.AsObject() ?? []).SelectMany(p => (string?)p.Value!["type"] == "semantic_text"
            ? [prefix + p.Key]
            : SemanticFields(p.Value["properties"], prefix + p.Key + "."));

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
