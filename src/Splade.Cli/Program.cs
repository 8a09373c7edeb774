using System.CommandLine;
using Splade.Cli.Commands;
using Splade.Cli.Commands.Models;

var root = new RootCommand("Splade.Cluster: a search cluster for learned sparse retrieval (SPLADE).\n\nStart with: splade serve --demo")
{
    ServeCommand.Create(),
    ImportCommand.Create(),
    SearchCommand.Create(),
    EvalCommand.Create(),
    BenchCommand.Create(),
    AnalyzeCommand.Create(),
    EncodeCommand.Create(),
    ModelCommand.Create(),
    TokenizeCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
