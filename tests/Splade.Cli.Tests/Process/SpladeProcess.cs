using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Splade.Cli.Tests.Process;

/// <summary>A node as a process of its own, on free ports.</summary>
internal sealed partial class SpladeProcess : IAsyncDisposable
{
    public const int Sighup = 1;
    public const int Sigterm = 15;
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    /// <summary>Longer than a node waits for others before it gives up by itself: it says why, this would not.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(7);
    private readonly System.Diagnostics.Process _process;
    private readonly StringBuilder _errors = new();

    private SpladeProcess(System.Diagnostics.Process process) => _process = process;

    public string Url { get; private set; } = "";

    public string AkkaAddress { get; private set; } = "";

    public HttpClient Http { get; private set; } = new();

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public static Task<SpladeProcess> ServeAsync(string data, params string[] options) =>
        StartAsync(["serve", "--http-port", "0", "--akka-port", "0", "--data", data, .. options]);

    /// <summary>Starts a node and waits for its READY line.</summary>
    public static async Task<SpladeProcess> StartAsync(string[] arguments)
    {
        var node = new SpladeProcess(Launch(arguments));
        node._process.ErrorDataReceived += (_, e) =>
        {
            lock (node._errors)
            {
                node._errors.AppendLine(e.Data);
            }
        };
        node._process.BeginErrorReadLine();
        try
        {
            await node.WaitUntilReadyAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private async Task WaitUntilReadyAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            while (await _process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
            {
                if (line.StartsWith("READY ", StringComparison.Ordinal))
                {
                    var parts = line.Split(' ');
                    (Url, AkkaAddress) = (parts[1], parts[2]);
                    Http = new HttpClient { BaseAddress = new Uri(Url), Timeout = Patience };
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The node was not ready after {Patience.TotalMinutes} minutes: {Errors}");
        }

        throw new InvalidOperationException($"The node ended with {await ExitAsync()} before it was ready: {Errors}");
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => RunWithInputAsync(null, arguments);

    /// <summary>Runs a command to its end, with a text on its standard input.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunWithInputAsync(string? input, params string[] arguments) => EndAsync(Launch(arguments, input is not null), input);

    /// <summary>Runs a command to its end, with other environment variables; null takes one away.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunInEnvironmentAsync(Dictionary<string, string?> environment, params string[] arguments) =>
        EndAsync(Launch(arguments, environment: environment), null);

    /// <summary>Runs a command to its end that may write no file beyond so many blocks, as the shell counts them.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunWithFileLimitAsync(int blocks, params string[] arguments)
    {
        Skip.If(OperatingSystem.IsWindows(), "There is no such limit.");

        // Else the runtime has a file of its own for what it compiles, far beyond the limit.
        return EndAsync(Launch(arguments, environment: new() { ["DOTNET_EnableWriteXorExecute"] = "0" }, within: ["sh", "-c", $"ulimit -f {blocks}; exec \"$@\"", "sh"]), null);
    }

    /// <summary>Runs a command to its end, with its standard streams where a shell's redirections say.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunRedirectedAsync(string redirections, params string[] arguments)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Other systems have no disk that is always full.");
        return EndAsync(Launch(arguments, within: ["sh", "-c", $"exec \"$@\" {redirections}", "sh"]), null);
    }

    /// <summary>Runs a command and sends it a signal when something appears in a folder.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunUntilAsync(string folder, int signal, params string[] arguments)
    {
        var appeared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(folder) { EnableRaisingEvents = true };
        watcher.Created += (_, _) => appeared.TrySetResult();
        var process = Launch(arguments);
        var id = process.Id;
        var end = EndAsync(process, null);
        if (await Task.WhenAny(appeared.Task, end) != end)
        {
            Send(id, signal).ShouldBe(0);
        }

        return await end;
    }

    /// <summary>Whether this process ignores a signal, and those that it starts with it.</summary>
    public static bool Ignores(int signal) => OperatingSystem.IsLinux()
        && File.ReadLines("/proc/self/status").First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal)) is var line
        && (Convert.ToUInt64(line.Split('\t')[1], 16) >> (signal - 1) & 1) == 1;

    private static async Task<(int ExitCode, string Output, string Errors)> EndAsync(System.Diagnostics.Process started, string? input)
    {
        using var process = started;
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }

        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(timeout.Token);
        return (process.ExitCode, output, await errors);
    }

    public void Kill() => _process.Kill();

    /// <summary>As on a machine that is suspended: the process stands still, and its connections stay.</summary>
    public void Stop() => Send(_process.Id, Sigstop).ShouldBe(0);

    public void Continue() => Send(_process.Id, Sigcont).ShouldBe(0);

    public async Task<int> TerminateAsync()
    {
        Send(_process.Id, Sigterm).ShouldBe(0);
        return await ExitAsync();
    }

    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, byte[]? body = null, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        }

        using var response = await SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length > 0 && text[0] is '{' or '[' ? JsonNode.Parse(text) : null);
    }

    /// <summary>Sends; where the node does not answer, the error has what it said.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        try
        {
            return await Http.SendAsync(request);
        }
        catch (HttpRequestException exception)
        {
            throw new HttpRequestException($"The node {(_process.HasExited ? $"ended with {_process.ExitCode}" : "runs")}, but does not answer: {Errors}", exception);
        }
    }

    public Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, string body) =>
        SendAsync(method, path, System.Text.Encoding.UTF8.GetBytes(body));

    /// <summary>Until the cluster has so many members, as this coordinator sees it; a member that can't be reached is one until it is removed.</summary>
    /// <param name="count">Members.</param>
    /// <param name="meanwhile">Done before each look.</param>
    public async Task WaitForMembersAsync(int count, Action? meanwhile = null)
    {
        using var timeout = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        do
        {
            meanwhile?.Invoke();
            var answer = await Http.GetAsync("/_cat/nodes?h=name", timeout.Token);
            var members = await answer.Content.ReadAsStringAsync(timeout.Token);
            if (answer.IsSuccessStatusCode && members.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == count)
            {
                return;
            }
        }
        while (await timer.WaitForNextTickAsync(timeout.Token));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Http.Dispose();
    }

    private static System.Diagnostics.Process Launch(string[] arguments, bool input = false, Dictionary<string, string?>? environment = null, string[]? within = null)
    {
        string[] line = [.. within ?? [], "dotnet", Path.Combine(AppContext.BaseDirectory, "splade.dll"), .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = input,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return System.Diagnostics.Process.Start(start)!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
