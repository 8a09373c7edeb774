namespace Splade.Evaluation.Programs;

/// <summary>Standard output and error, either of which may be closed or on a full disk.</summary>
public static class StandardStreams
{
    /// <summary>Runs a program to its end whatever becomes of its streams. Lost errors are no failure, lost output is one, which is told at the end.</summary>
    /// <param name="program">Who tells it.</param>
    /// <param name="run">Gives the exit code.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string program, Func<Task<int>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var output = new LenientWriter(Console.Out);
        Console.SetOut(output);
        Console.SetError(new LenientWriter(Console.Error));
        var code = await run().ConfigureAwait(false);
        if (output.Failure is not { } failure)
        {
            return code;
        }

        await Console.Error.WriteLineAsync($"{program}: Standard output can't be written: {failure.Message}").ConfigureAwait(false);
        return code == 0 ? 1 : code;
    }
}
