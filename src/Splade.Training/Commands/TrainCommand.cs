using System.CommandLine;
using Splade.Training.Data;
using Splade.Training.Runs;

namespace Splade.Training.Commands;

/// <summary><c>splade train</c>.</summary>
internal static class TrainCommand
{
    private const string Guide = """
        Train a SPLADE model from your own text, on a CPU, from nothing to a model package.

        From a folder of texts to an indexed collection:
          1. splade train --text ./texts --out ./my-model
               reads .txt and .md files (or a corpus.jsonl, or a file with a passage a line), learns a vocabulary, and trains a
               small network so that a sentence finds the passage around it.
          2. splade model import ./my-model --name my-model --int8
          3. splade serve
          4. splade import ./my-model/training/corpus.jsonl --index texts --model my-model        (in another terminal)
          5. splade search "what you look for" --index texts

        Step 1 takes some minutes of a core.

        With questions and answers it learns more:
          splade train --beir ./scifact --out ./my-model                queries.jsonl, corpus.jsonl, qrels/train.tsv
          splade train --examples pairs.jsonl --out ./my-model          {"query": ..., "positive": ..., "negatives": [...]}
          splade train --scored ./scifact=scores.jsonl --out ./my-model distils from a teacher's scores
          splade train --beir ./scifact --from ./bert --steps 2000 --out ./my-model

        Short runs are better than long ones where there is little to learn from: measure with splade tune before you raise --steps or pretrain
        (--mlm-steps). From text and a dense sentence encoder, as the model that ships was made: splade train distil --help.

        Stopped or killed? splade train --resume --out ./my-model goes on from the last checkpoint.
        Beside the package, in my-model/training: metrics.jsonl, metrics.svg, the checkpoint and the options of the run.
        Sparser or better? splade tune --help.
        """;

    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "Folder of the model package.", Required = true };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in --out, with the options it was started with." };
        var arguments = new TrainArguments();
        var command = new Command("train", Guide) { output, resume };
        arguments.AddTo(command);
        command.Add(DistilCommand.Create());
        command.Run((parsed, cancellationToken) =>
        {
            var folder = new RunFolder(parsed.GetValue(output)!);
            var options = parsed.GetValue(resume) ? Resumed(folder, arguments.Given(parsed)) : Fresh(folder, arguments.Read(parsed));
            ConsoleProgress.Run(progress => new TrainingRun(folder, options, progress).Run(cancellationToken));
        });
        return command;
    }

    private static TrainOptions Resumed(RunFolder folder, IEnumerable<string> given) => given.ToArray() is { Length: > 0 } changed
        ? throw new TrainingDataException($"A run goes on with the options it was started with: leave {string.Join(", ", changed)} out.")
        : folder.ReadOptions<TrainOptions>();

    private static TrainOptions Fresh(RunFolder folder, TrainOptions options)
    {
        options.Validate();
        if (folder.HasRun)
        {
            throw new TrainingDataException($"There is a training run in {folder.Package} already: go on with --resume, give another --out, or delete {folder.Root} to begin anew.");
        }

        folder.DeleteLeftovers();
        return options;
    }
}
