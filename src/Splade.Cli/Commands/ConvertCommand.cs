using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Spectre.Console;
using Splade.Evaluation;
using Splade.Evaluation.Collections;

namespace Splade.Cli.Commands;

/// <summary><c>splade convert</c>: vectors in the format of another engine.</summary>
internal static class ConvertCommand
{
    private const int RowsPerNews = 1000;

    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "Vectors in any of the formats: documents, queries, or both.", Arity = ArgumentArity.OneOrMore };
        var to = new Option<VectorFormat>("--to") { Description = "csr, ciff, anserini or seismic.", Required = true, CustomParser = ParseFormat };
        var folder = new Option<string>("--out") { Description = "Folder that takes a file for each, of the same name.", Required = true }.NotEmpty("a folder");
        var scale = new Option<float?>("--scale") { Description = "Weights become this times the weight, rounded to integers of at least 1: CIFF holds only such. 100 is usual for SPLADE.", CustomParser = ParseScale };
        var command = new Command(
            "convert",
            "Write vectors in the format of another engine: BigANN CSR (.csr), CIFF (.ciff), Anserini JsonVector and Seismic JSONL (.jsonl).\n\n"
            + "Files that become CSR together have the same columns; terms.json beside them has the columns' names, where there are any,\n"
            + "and gives them back when a .csr beside it is converted. CSR keeps no ids.\n\n"
            + "Example: splade convert docs.jsonl queries.jsonl --to csr --out ./csr")
        {
            files, to, folder, scale,
        };
        command.Run(async (parsed, cancellationToken) =>
        {
            var by = parsed.GetValue(scale);
            var sources = Array.ConvertAll(parsed.GetValue(files)!, f => VectorFiles.Open(f, columnNames: true));
            try
            {
                var written = await WithProgressAsync(progress => Task.Run(
                    () => VectorConverter.Convert(sources, parsed.GetValue(to), parsed.GetValue(folder)!, by, progress, cancellationToken), cancellationToken)).ConfigureAwait(false);
                foreach (var path in written)
                {
                    Console.WriteLine(path);
                }
            }
            catch (ArgumentException exception) when (!FileTooLarge.Is(exception))
            {
                throw new CliException(exception.Message.Split(" (Parameter ")[0], exception);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static VectorFormat ParseFormat(ArgumentResult result)
    {
        foreach (var format in Enum.GetValues<VectorFormat>())
        {
            if (string.Equals(result.Tokens[0].Value, format.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return format;
            }
        }

        result.AddError($"--to of '{result.Tokens[0].Value}' is none of csr, ciff, anserini and seismic.");
        return default;
    }

    private static float? ParseScale(ArgumentResult result)
    {
        if (float.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) && scale > 0 && float.IsFinite(scale))
        {
            return scale;
        }

        result.AddError($"--scale of '{result.Tokens[0].Value}' is not a number above 0.");
        return null;
    }

    /// <summary>A file or pipe gets errors alone.</summary>
    private static Task<IReadOnlyList<string>> WithProgressAsync(Func<Action<long>?, Task<IReadOnlyList<string>>> convert)
    {
        if (Console.IsErrorRedirected)
        {
            return convert(null);
        }

        return ConsoleProgress.ErrorConsole.Status().StartAsync("Converting", status => convert(rows => status.Status = rows % RowsPerNews == 0 ? $"{rows:N0} rows" : status.Status));
    }
}
