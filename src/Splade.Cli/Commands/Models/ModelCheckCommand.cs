using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Splade.Encoding;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model check</c>: encodes a sample and says what looks wrong; with a CUDA device, whether that one computes the same.</summary>
internal static class ModelCheckCommand
{
    private const string Sample =
        "A heart attack happens when a clot blocks a coronary artery, so that part of the muscle gets no oxygen. Chest pain, sweat and short breath are the signs.";

    public static Command Create()
    {
        var model = ModelOptions.NameOrFolder();
        var text = CommandRunner.Option("--text", "The sample.", Sample);
        var json = ModelOptions.Json();
        var data = ModelOptions.Data();
        var device = new DeviceOptions();
        var command = new Command(
            "check",
            "Load a model, encode a sample text, and print where it ran, its speed, what looks wrong, and of a sparse model its sparsity and top terms. On CUDA the vector is compared with the CPU's.\n\nExample: splade model check splade-small-v1 --device cuda")
        {
            model, text, json, data,
        };
        device.AddTo(command);
        command.Run((parsed, cancellationToken) => Task.Run(
            () =>
            {
                var options = device.Read(parsed);
                var (folder, name, sample, asJson) = (parsed.GetValue(data)!, parsed.GetValue(model)!, parsed.GetValue(text)!, parsed.GetValue(json));
                if (string.IsNullOrWhiteSpace(sample))
                {
                    throw new CliException("--text is empty: give a sample that has words.");
                }

                using var registry = new ModelRegistry(folder);
                if (registry.TaskOf(name) == ModelTask.TextEmbedding)
                {
                    var dense = DenseCheck.Run(folder, name, sample, options, cancellationToken);
                    return Print(dense, DenseCheck.Rows(dense), asJson);
                }

                var sparse = SparseCheck.Run(folder, name, sample, options, cancellationToken);
                return Print(sparse, SparseCheck.Rows(sparse), asJson);
            },
            cancellationToken));
        return command;
    }

    private static int Print(IModelCheck check, IEnumerable<(string Name, string Value)> rows, bool asJson)
    {
        var exit = check.DeviceDifference > ModelCheck.LargestDifference ? ExitCode.Failed : ExitCode.Ok;
        if (asJson)
        {
            JsonOutput.Print(check);
            return exit;
        }

        var grid = new Grid().AddColumn().AddColumn();
        (string Name, string Value)[] all =
        [
            ("model", check.Model),
            ("runs on", check.Provider == check.Requested || check.Requested == "AUTO" ? check.Provider : $"{check.Provider}, though {check.Requested} was asked for"),
            .. rows,
            ("time", Format($"{check.LoadMilliseconds:0} ms to load, {check.DocumentMilliseconds:0.00} ms a document, {check.QueryMilliseconds:0.00} ms a query")),
        ];
        foreach (var (name, value) in all)
        {
            grid.AddRow(name, Markup.Escape(value));
        }

        if (check.DeviceDifference is { } difference)
        {
            grid.AddRow("against the CPU", Format($"largest difference {difference:0.0e+0}{(difference > ModelCheck.LargestDifference ? ": TOO LARGE" : "")}"));
        }

        AnsiConsole.Write(grid);
        Array.ForEach(check.Warnings, warning => AnsiConsole.WriteLine("warning: " + warning));
        return exit;

        static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
