using System.CommandLine;
using Splade.Training.Data;
using Splade.Training.Distillation;
using Splade.Training.Runs;

namespace Splade.Training.Commands;

/// <summary><c>splade train distil</c>.</summary>
internal static class DistilCommand
{
    private const string Guide = """
        Make a small sparse model from plain text and a dense sentence encoder, on a CPU, without questions or judgements. This is how the model that ships was made
        (build-default-model.sh, beside the trainer's sources).

        The vocabulary has stems and endings of all languages of the texts. The dense encoder, the teacher, embeds the words of the main language and a sample of
        its texts; only these vectors are used. A network that reads a text as the bag of its pieces learns them, and a document gets, beside its
        own terms, the pieces of the vocabulary that are near its vector. Queries run without a network.

          splade train distil --source books=en:books.txt.gz --source manuals=en:manuals.txt --source handbuch=de:de.txt \
            --teacher ./all-MiniLM-L6-v2 --out ./my-model
          splade model import ./my-model --name my-model

        Stopped or killed? splade train distil --resume --out ./my-model goes on: vocabulary, the teacher's vectors and checkpoints are kept in
        my-model/training.
        """;

    private static readonly DistilOptions Default = new();

    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "Folder of the model package.", Required = true };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in --out, with the options it was started with." };
        var command = new Command("distil", Guide) { output, resume };
        var readers = new List<Func<ParseResult, DistilOptions, DistilOptions>>();
        Many("--source", "NAME=LANGUAGE:FILE: a passage a line, or a corpus.jsonl; gzipped or not. The language of the first is the main one. All names of a language count alike, however much text they have.", (o, v) => o with { Sources = v });
        Many("--beir", "BEIR folder in the main language: its documents are a source, the questions of its training split texts for the teacher.", (o, v) => o with { Beir = v });
        Add("--teacher", "Folder of a dense sentence encoder (safetensors or ONNX).", Default.Teacher, (o, v) => o with { Teacher = v });
        Add<string?>("--notes", "Markdown file that goes into the model card: licences, attributions, measurements.", null, (o, v) => o with { Notes = v });
        Add<string?>("--license", "Licence of the model for its card, such as apache-2.0.", null, (o, v) => o with { License = v });
        Add("--texts", "Sentences, questions and passages that the teacher embeds.", Default.Texts, (o, v) => o with { Texts = v });
        Add("--passage-words", "Words that passages for the teacher are cut to.", Default.PassageWords, (o, v) => o with { PassageWords = v });
        Add("--classes", "Word classes of the main language, at most.", Default.MainClasses, (o, v) => o with { MainClasses = v });
        Add("--dimensions", "Length of the embeddings; with the classes it decides about the model's size.", Default.Dimensions, (o, v) => o with { Dimensions = v });
        Add("--steps", "Steps of training.", Default.Steps, (o, v) => o with { Steps = v });
        Add("--batch", "Texts of a step, at most.", Default.BatchTexts, (o, v) => o with { BatchTexts = v });
        Add("--expansion-weight", "Weight of the expansion beside a document's own terms.", Default.ExpansionWeight, (o, v) => o with { ExpansionWeight = v });
        Add("--expansion-threshold", "Score, about a cosine, above which a piece joins in.", Default.ExpansionThreshold, (o, v) => o with { ExpansionThreshold = v });
        Add("--expansion-terms", "Pieces that join in, at most.", Default.ExpansionTerms, (o, v) => o with { ExpansionTerms = v });
        Add("--seed", "Seed of everything random.", Default.Seed, (o, v) => o with { Seed = v });
        Add("--checkpoint-every", "Steps between checkpoints.", Default.CheckpointEvery, (o, v) => o with { CheckpointEvery = v });
        Add("--threads", "Threads; 0 for one a core.", Default.Threads, (o, v) => o with { Threads = v });
        command.Run((parsed, cancellationToken) =>
        {
            var folder = new RunFolder(parsed.GetValue(output)!, DistilRun.OptionsFile);
            var options = parsed.GetValue(resume) ? Resumed(parsed, folder) : Fresh(folder, readers.Aggregate(Default, (o, read) => read(parsed, o)).Validate());
            ConsoleProgress.Run(progress => new DistilRun(folder, options, progress).Run(cancellationToken));
        });
        return command;

        DistilOptions Resumed(ParseResult parsed, RunFolder folder) =>
            command.Options.Where(o => o != output && o != resume && parsed.GetResult(o) is { Implicit: false }).Select(o => o.Name).ToArray() is { Length: > 0 } changed
                ? throw new TrainingDataException($"A run goes on with the options it was started with: leave {string.Join(", ", changed)} out.")
                : folder.ReadOptions<DistilOptions>();

        void Many(string name, string description, Func<DistilOptions, string[], DistilOptions> set)
        {
            var option = new Option<string[]>(name) { Description = description, AllowMultipleArgumentsPerToken = true };
            command.Options.Add(option);
            readers.Add((parsed, options) => set(options, parsed.GetValue(option) ?? []));
        }

        void Add<T>(string name, string description, T absent, Func<DistilOptions, T, DistilOptions> set)
        {
            var option = new Option<T>(name) { Description = description, DefaultValueFactory = _ => absent };
            command.Options.Add(option);
            readers.Add((parsed, options) => set(options, parsed.GetValue(option)!));
        }
    }

    private static DistilOptions Fresh(RunFolder folder, DistilOptions options) => folder.HasRun
        ? throw new TrainingDataException($"There is a training run in {folder.Package} already: go on with --resume, give another --out, or delete {folder.Root} to begin anew.")
        : options;
}
