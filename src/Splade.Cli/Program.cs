using System.CommandLine;
using Splade.Cli.Commands;

var root = new RootCommand("Splade.Cluster: a search cluster for learned sparse retrieval (SPLADE).\n\nStart with: splade serve --demo")
{
    ServeCommand.Create(),
    ImportCommand.Create(),
    SearchCommand.Create(),
    EvalCommand.Create(),
    BenchCommand.Create(),
    AnalyzeCommand.Create(),
    ModelCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
