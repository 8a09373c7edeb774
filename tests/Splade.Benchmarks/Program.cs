using System.CommandLine;
using Splade.Benchmarks.Commands;

return await CommandRunner.RunAsync(args, new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) }).ConfigureAwait(false);
