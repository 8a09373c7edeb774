using System.CommandLine;
using Splade.Training.Distillation;
using Splade.Training.Runs;

namespace Splade.Training.Commands;

/// <summary><c>splade train distil</c>.</summary>
internal static class DistilCommand
{
    private static readonly DistilOptions Default = new();

    public static Command Create()
    {
        var sources = new Option<string[]>("--source") { Description = "NAME=LANGUAGE:FILE.", AllowMultipleArgumentsPerToken = true };
        var beir = new Option<string[]>("--beir") { AllowMultipleArgumentsPerToken = true };
        var teacher = new Option<string>("--teacher");
        var output = new Option<string>("--out") { Required = true };
        var threads = new Option<int>("--threads");
        var texts = new Option<int>("--texts") { DefaultValueFactory = _ => Default.Texts };
        var steps = new Option<int>("--steps") { DefaultValueFactory = _ => Default.Steps };
        var alpha = new Option<double>("--expansion-weight") { DefaultValueFactory = _ => Default.ExpansionWeight };
        var command = new Command("distil", "") { sources, beir, teacher, output, threads, texts, steps, alpha };
        command.Run((parsed, cancellationToken) =>
        {
            var options = Default with
            {
                Sources = parsed.GetValue(sources) ?? [], Beir = parsed.GetValue(beir) ?? [], Teacher = parsed.GetValue(teacher) ?? "", Threads = parsed.GetValue(threads),
                Texts = parsed.GetValue(texts), Steps = parsed.GetValue(steps), ExpansionWeight = parsed.GetValue(alpha),
            };
            ConsoleProgress.Run(progress => new DistilRun(new RunFolder(parsed.GetValue(output)!), options, progress).Run(cancellationToken));
        });
        return command;
    }
}
