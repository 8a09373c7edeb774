using System.CommandLine;
using Splade.Cluster.Hosting;
using Splade.Encoding;

namespace Splade.Cli.Commands;

/// <summary>Runs a command and turns every failure into one line on standard error and an exit code.</summary>
internal static class CommandRunner
{
    public static void Run(this Command command, Func<ParseResult, CancellationToken, Task<int>> action) => command.SetAction(async (parsed, cancellationToken) =>
    {
        try
        {
            return await action(parsed, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Cancelled;
        }
        catch (Exception exception) when (exception is CliException or NodeStartException or IOException or UnauthorizedAccessException or FormatException or HttpRequestException
            or ModelPackageException or ModelNotFoundException or OnnxRuntimeUnavailableException)
        {
            await Console.Error.WriteLineAsync("splade: " + exception.Message.ReplaceLineEndings(" ")).ConfigureAwait(false);
            return ExitCode.Failed;
        }
        catch (Exception exception)
        {
            await Console.Error.WriteLineAsync($"splade: unexpected {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    });

    /// <summary>An option that an environment variable gives where the command line does not: <c>--http-port</c> is <c>SPLADE_HTTP_PORT</c>.</summary>
    public static Option<T> Option<T>(string name, string description, T absent)
    {
        var variable = "SPLADE_" + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();
        return new Option<T>(name)
        {
            Description = $"{description} [{variable}]",
            DefaultValueFactory = result =>
            {
                var text = Environment.GetEnvironmentVariable(variable);
                if (string.IsNullOrEmpty(text))
                {
                    return absent;
                }

                try
                {
                    var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
                    return (T)Convert.ChangeType(text, type, System.Globalization.CultureInfo.InvariantCulture);
                }
                catch (FormatException)
                {
                    result.AddError($"The environment variable {variable} has the value '{text}', which is no {typeof(T).Name}.");
                    return absent;
                }
            },
        };
    }
}

/// <summary>Options of every command that talks to a node.</summary>
internal sealed class ConnectionOptions
{
    public Option<string> Url { get; } = CommandRunner.Option("--url", "Address of a coordinator.", "http://localhost:9200");

    public Option<string?> ApiKey { get; } = CommandRunner.Option<string?>("--api-key", "API key of the node.", null);

    public void AddTo(Command command)
    {
        command.Options.Add(Url);
        command.Options.Add(ApiKey);
    }

    public Client.SpladeClient Connect(ParseResult parsed)
    {
        var url = parsed.GetValue(Url)!;
        return Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new Client.SpladeClient(new Uri(url), parsed.GetValue(ApiKey))
            : throw new CliException($"'{url}' is no address of a node: expected something like http://localhost:9200.");
    }
}
