using System.CommandLine;
using System.Globalization;
using Splade.Cluster.Hosting;
using Splade.Encoding;
using Splade.Encoding.Tokenizing;
using Splade.Evaluation;
using Splade.Evaluation.Programs;

namespace Splade.Cli.Commands;

/// <summary>Runs a command and turns every failure into one line on standard error and an exit code.</summary>
internal static class CommandRunner
{
    public static void Run(this Command command, Func<ParseResult, CancellationToken, Task<int>> action) => command.SetAction(async (parsed, _) =>
    {
        using var stop = new StopSignals("splade");
        try
        {
            // On another thread: what it does before it waits for the first time may take long, too.
            return await Task.Run(() => action(parsed, stop.Token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (stop.Token.IsCancellationRequested && Cause(exception) is OperationCanceledException)
        {
            return stop.ExitCode;
        }
        catch (Exception exception)
        {
            await Console.Error.WriteLineAsync("splade: " + Line(Cause(exception))).ConfigureAwait(false);
            return ExitCode.Failed;
        }
    });

    private static string Line(Exception exception) => (exception is CliException or NodeStartException or IOException or UnauthorizedAccessException or FormatException or InvalidDataException
        or HttpRequestException or ModelPackageException or ModelNotFoundException or OnnxRuntimeUnavailableException or TokenizationException
        ? exception.Message
        : FileTooLarge.Is(exception)
        ? FileTooLarge.Message
        : $"unexpected {exception.GetType().Name}: {exception.Message}").ReplaceLineEndings(" ");

    /// <summary>What failed first where work ran in parallel.</summary>
    private static Exception Cause(Exception exception) => exception is AggregateException { InnerException: { } inner } ? Cause(inner) : exception;

    /// <summary>An option that an environment variable gives where the command line does not: <c>--http-port</c> is <c>SPLADE_HTTP_PORT</c>.</summary>
    public static Option<T> Option<T>(string name, string description, T absent)
    {
        var variable = Variable(name);
        return new Option<T>(name)
        {
            Description = $"{description} [{variable}]",
            DefaultValueFactory = result => FromEnvironment(variable, absent, result.AddError),
            CustomParser = result =>
            {
                // A flag may stand alone.
                var text = result.Tokens.Count == 0 ? "true" : result.Tokens[0].Value;
                if (TryParse<T>(text, out var value))
                {
                    return value;
                }

                result.AddError($"{name} of '{text}' is not {Kind(typeof(T))}.");
                return absent;
            },
        };
    }

    /// <summary>Refuses smaller numbers, on the command line and in the environment.</summary>
    public static Option<int> AtLeast(this Option<int> option, int least)
    {
        var (parse, absent) = (option.CustomParser!, option.DefaultValueFactory!);
        option.CustomParser = result => Checked(parse(result), result.AddError);
        option.DefaultValueFactory = result => Checked(absent(result), result.AddError);
        return option;

        int Checked(int value, Action<string> refuse)
        {
            if (value < least)
            {
                refuse(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be at least {least}."));
            }

            return value;
        }
    }

    /// <summary>Refuses the empty text, which a script gives whose variable is not set.</summary>
    /// <param name="option">The option.</param>
    /// <param name="what">What to name instead.</param>
    public static Option<T> NotEmpty<T>(this Option<T> option, string what)
        where T : class?
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
            {
                result.AddError($"{option.Name} is empty: name {what}.");
            }
        });
        return option;
    }

    /// <summary>An option that must be given, on the command line or by its environment variable.</summary>
    public static Option<string> Required(string name, string description)
    {
        var variable = Variable(name);
        var present = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
        return new Option<string>(name)
        {
            Description = $"{description} [{variable}]",
            Required = !present,
            DefaultValueFactory = present ? _ => Environment.GetEnvironmentVariable(variable)! : null,
        };
    }

    /// <summary>What gave an option its value: its name, or its environment variable's.</summary>
    public static string Source(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false } ? option.Name : Variable(option.Name);

    private static string Variable(string name) => "SPLADE_" + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static T FromEnvironment<T>(string variable, T absent, Action<string> refuse)
    {
        var text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(text))
        {
            return absent;
        }

        if (TryParse<T>(text, out var value))
        {
            return value;
        }

        refuse($"The environment variable {variable} has the value '{text}', which is not {Kind(typeof(T))}.");
        return absent;
    }

    private static bool TryParse<T>(string text, out T value)
    {
        object? parsed = typeof(T) == typeof(int)
            ? int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null
            : typeof(T) == typeof(long)
            ? long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var large) ? large : null
            : typeof(T) == typeof(double)
            ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) ? real : null
            : typeof(T) == typeof(bool)
                ? text.ToLowerInvariant() switch { "true" or "1" or "yes" => true, "false" or "0" or "no" => false, _ => null }
                : text;
        value = parsed is T typed ? typed : default!;
        return parsed is T;
    }

    private static string Kind(Type type) => type == typeof(int) || type == typeof(long) ? "a whole number" : type == typeof(double) ? "a number" : type == typeof(bool) ? "true or false" : "a text";
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

    /// <param name="timeout">Of one request; null for the client's own.</param>
    public Client.SpladeClient Connect(ParseResult parsed, TimeSpan? timeout = null)
    {
        var url = parsed.GetValue(Url)!;
        return Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new Client.SpladeClient(new Uri(url), parsed.GetValue(ApiKey), timeout, line => ConsoleProgress.Tell("splade: " + line))
            : throw new CliException($"'{url}' is no address of a node: expected something like http://localhost:9200.");
    }
}
