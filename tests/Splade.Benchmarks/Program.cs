using System.CommandLine;
using Splade.Benchmarks.Commands;
using Splade.Evaluation.Programs;

// Commands see to signals themselves.
return await StandardStreams.RunAsync(
    "benchmarks", () => CommandRunner.RunAsync(args, new InvocationConfiguration { ProcessTerminationTimeout = null })).ConfigureAwait(false);
