using Splade.Benchmarks.Commands;

return await CommandRunner.Root().Parse(args).InvokeAsync().ConfigureAwait(false);
