using System.CommandLine;
using Splade.Training.Commands;

var root = new RootCommand("The trainer of Splade.Cluster: makes SPLADE models from text. Start with: splade train --help")
{
    TrainCommand.Create(),
    TuneCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
