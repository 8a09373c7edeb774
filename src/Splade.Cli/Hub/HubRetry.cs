using System.Globalization;

namespace Splade.Cli.Hub;

/// <summary>The hub can't answer now.</summary>
/// <param name="retryAfter">When it asks to be tried again; null when it does not say.</param>
internal sealed class HubBusyException(string message, TimeSpan? retryAfter) : HttpRequestException(message)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>Tries again after longer and longer pauses, or as long as the hub asks for.</summary>
internal static class HubRetry
{
    public const int Attempts = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Runs something whose failures of the network are worth another try.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> run, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await run().ConfigureAwait(false);
            }
            catch (HttpRequestException exception) when (attempt < Attempts && !cancellationToken.IsCancellationRequested)
            {
                await PauseAsync(exception, attempt, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <param name="attempt">That failed, from 1.</param>
    public static Task PauseAsync(Exception failure, int attempt, TimeProvider time, CancellationToken cancellationToken)
    {
        var pause = (failure as HubBusyException)?.RetryAfter ?? FirstPause * Math.Pow(2, attempt - 1);
        pause = pause < LongestPause ? pause : LongestPause;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"splade: {failure.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Trying again in {pause.TotalSeconds:0} s."));
        return Task.Delay(pause, time, cancellationToken);
    }
}
