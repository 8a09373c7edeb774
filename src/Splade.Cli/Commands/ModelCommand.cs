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
        var defaults = new LexicalModelOptions();
        var mainClasses = new Option<int>("--main-classes") { Description = "Classes of words (one stem) of the first source's language.", DefaultValueFactory = _ => defaults.MainClasses };
        var otherClasses = new Option<int>("--other-classes") { Description = "Classes of words of every other language.", DefaultValueFactory = _ => defaults.OtherClasses };
        var minimumCount = new Option<int>("--minimum-count") { Description = "How often a word must occur to have its place.", DefaultValueFactory = _ => defaults.MinimumCount };
        var fallbackPieces = new Option<int>("--fallback-pieces") { Description = "Pieces for words that have no place: beginnings, and as many inner parts; a quarter of it for every other language.", DefaultValueFactory = _ => defaults.FallbackPieces };
        var pairs = new Option<int>("--pairs")
        {
            Description = "Dimensions for pairs of pieces: of neighbouring Chinese characters and kana, and of the parts of unknown words. Needed for Chinese and Japanese; Arabic is stemmed with them. 0: none.",
            DefaultValueFactory = _ => defaults.Pairs,
        };
        var output = CommandRunner.Required("--out", "Folder of the package.");
        var command = new Command(
            "build-lexical",
            "Make a lexical sparse model from plain text: a vocabulary of stems and endings, and weights from term statistics. No expansion, no network.\n\nExample: splade model build-lexical --source books=en:books.txt.gz --out my-model")
        {
            sources, mainClasses, otherClasses, minimumCount, fallbackPieces, pairs, output,
        };
        command.Run((parsed, cancellationToken) =>
        {
            var builder = new LexicalModelBuilder(defaults with
            {
                MainClasses = parsed.GetValue(mainClasses),
                OtherClasses = parsed.GetValue(otherClasses),
                MinimumCount = parsed.GetValue(minimumCount),
                FallbackPieces = parsed.GetValue(fallbackPieces),
                Pairs = parsed.GetValue(pairs),
            });
            builder.Build([.. parsed.GetValue(sources)!.Select(TextSource.Parse)], parsed.GetValue(output)!, line => Console.Error.WriteLine(line), cancellationToken);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
