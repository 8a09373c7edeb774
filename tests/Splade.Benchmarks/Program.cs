using System.CommandLine;
using Splade.Benchmarks.Commands;

return await CommandRunner.Root().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) }).ConfigureAwait(false);
