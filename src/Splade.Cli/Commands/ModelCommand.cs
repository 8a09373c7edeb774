using System.CommandLine;
using Splade.Cli.Commands.Models;
using Splade.Lexical;

namespace Splade.Cli.Commands;

/// <summary><c>splade model</c>: model packages.</summary>
internal static class ModelCommand
{
    public static Command Create() => new("model", "Model packages.")
    {
        ModelImportCommand.Create(), ModelPullCommand.Create(), ModelListCommand.Create(), ModelShowCommand.Create(), ModelCheckCommand.Create(),
        ModelBenchCommand.Create(), ModelRemoveCommand.Create(), BuildLexical(),
    };

    private static Command BuildLexical()
    {
        var sources = new Option<string[]>("--source")
        {
            Description = "NAME=LANGUAGE:FILE, once or more. A file has one passage a line, or is a corpus.jsonl; gzipped or not. Document frequencies are averaged over names.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var output = CommandRunner.Required("--out", "Folder of the package.");
        var command = new Command(
            "build-lexical",
            "Make a lexical sparse model from plain text: a vocabulary of stems and endings, and weights from term statistics. No expansion, no network.\n\nExample: splade model build-lexical --source books=en:books.txt.gz --out my-model")
        {
            sources, output,
        };
        command.Run((parsed, cancellationToken) =>
        {
            var builder = new LexicalModelBuilder(new LexicalModelOptions());
            builder.Build([.. parsed.GetValue(sources)!.Select(TextSource.Parse)], parsed.GetValue(output)!, line => Console.Error.WriteLine(line), cancellationToken);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
