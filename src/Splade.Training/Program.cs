using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Splade.Training.Commands;

// Named as it is called: splade hands train and tune over to this program.
var root = new Command("splade", "The trainer of Splade.Cluster: makes SPLADE models from text. Start with: splade train --help")
{
    new HelpOption { Recursive = true },
    TrainCommand.Create(),
    TuneCommand.Create(),
};
var parsed = root.Parse(args);
if (parsed.Action is ParseErrorAction mistake && args.Length > 0)
{
    // The mistake in one line, not in front of a page of help.
    mistake.ShowHelp = false;
}

return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
