using System.CommandLine;
using Splade.Benchmarks.Commands;

var root = new RootCommand("Benchmarks. Every time of the engine is printed beside that of the yardstick, which runs in turns with it.")
{
    SyntheticCommand.Create(),
    TokenizersCommand.Create(),
    TextCommand.Create(),
    SoakCommand.Create(),
};
return await root.Parse(args).InvokeAsync().ConfigureAwait(false);
