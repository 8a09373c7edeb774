using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Splade.Cli.Commands;

/// <summary><c>splade analyze</c>: tokens and expansion of a text.</summary>
internal static class AnalyzeCommand
{
    private const int ShownFeatures = 40;

    public static Command Create()
    {
        var text = new Argument<string>("text") { Description = "The text." };
        var model = CommandRunner.Option<string?>("--model", "Model to analyze with; default the node's default model.", null);
        var index = CommandRunner.Option<string?>("--index", "Analyze as the semantic field of this index does.", null);
        var field = CommandRunner.Option("--field", "Semantic field of the index.", "semantic");
        var side = CommandRunner.Option("--side", "'document' or 'query'.", "document");
        var connection = new ConnectionOptions();
        var command = new Command("analyze", "Show how a model cuts a text and what it makes of it.\n\nExample: splade analyze \"heart attack\" --side query")
        {
            text, model, index, field, side,
        };
        connection.AddTo(command);
        command.Run(async (parsed, cancellationToken) =>
        {
            using var client = connection.Connect(parsed);
            var body = new JsonObject { ["text"] = parsed.GetValue(text), ["side"] = parsed.GetValue(side) };
            if (parsed.GetValue(model) is { } name)
            {
                body["model"] = name;
            }

            if (parsed.GetValue(index) is not null && parsed.GetValue(model) is null)
            {
                body["field"] = parsed.GetValue(field);
            }

            var path = parsed.GetValue(index) is { } of ? $"/{Uri.EscapeDataString(of)}/_analyze" : "/_analyze";
            Print(await client.PostAsync(path, body, cancellationToken).ConfigureAwait(false));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(JsonNode answer)
    {
        AnsiConsole.WriteLine("tokens: " + string.Join(' ', answer["tokens"]!.AsArray().Select(t => (string)t!["token"]!)));
        var features = answer["expansion"]!.AsArray();
        var chart = new BarChart().Width(70).Label($"{features.Count} features");
        foreach (var feature in features.Take(ShownFeatures))
        {
            chart.AddItem(Markup.Escape((string)feature!["token"]!), Math.Round((double)feature["weight"]!, 3), Color.Blue);
        }

        if (features.Count > 0)
        {
            AnsiConsole.Write(chart);
        }

        if (features.Count > ShownFeatures)
        {
            AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"... and {features.Count - ShownFeatures} more"));
        }
    }
}
