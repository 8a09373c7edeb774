using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Splade.Cluster.Hosting;
using Splade.Encoding;
using Splade.Node.Metrics;
using Splade.Node.Rest;
using Splade.Node.Security;

namespace Splade.Node;

/// <summary>
/// A running node: HTTP first, so that its address (perhaps a free port) is known, then its part in the cluster. While that starts,
/// health answers and the API refuses with 503. A node that the others removed (its machine stood still, or the network between them) joins them
/// again under its address. Disposing it stops HTTP, then leaves the cluster.
/// </summary>
public sealed partial class SpladeNode : IAsyncDisposable
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <summary>Leaves a second to send the refusals.</summary>
    private static readonly TimeSpan RequestTime = DrainTime - TimeSpan.FromSeconds(1);

    private readonly WebApplication _web;
    private readonly NodeState _state;
    private readonly CancellationTokenSource _stop = new();
    private int _disposed;

    private SpladeNode(WebApplication web, NodeState state, string httpUrl, Func<CancellationToken, Task<INodeRuntime>> startRuntime)
    {
        _web = web;
        _state = state;
        HttpUrl = httpUrl;
        Ended = KeepAsync(state, startRuntime, web.Services.GetRequiredService<ILogger<SpladeNode>>(), _stop.Token);
    }

    /// <summary>Where the node serves, e.g. <c>http://127.0.0.1:9200</c>.</summary>
    public string HttpUrl { get; }

    /// <summary>Another one after the cluster removed the node and it joined again.</summary>
    public INodeRuntime Runtime => _state.Runtime!;

    /// <summary>Completes when the node has ended, disposed or by itself: with a sentence that says why and what to do.</summary>
    public Task<string> Ended { get; }

    /// <summary>A node with its real part in the cluster.</summary>
    /// <exception cref="NodeStartException">The node can't start; the message is one line that says what to do.</exception>
    public static Task<SpladeNode> StartAsync(SpladeNodeOptions options, Action<ILoggingBuilder>? configureLogging, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var cluster = options.Cluster;
        return StartAsync(options, StartRuntimeAsync, configureLogging, TimeProvider.System, cancellationToken);

        async Task<INodeRuntime> StartRuntimeAsync(string url, Action<string> starting, CancellationToken stop)
        {
            var node = await ClusterNode.StartAsync(cluster with { HttpUrl = url, OnStarting = starting }, TimeProvider.System, stop).ConfigureAwait(false);

            // Who comes back does so under the address that the others know, a port that was free included.
            cluster = cluster with { Port = Address.Parse(node.Node.Address).Port!.Value };
            return new ClusterRuntime(node);
        }
    }

    /// <param name="startRuntime">Starts the node's part in the cluster, and again after the cluster removed it; gets the url of the node's HTTP side,
    /// and tells meanwhile what it waits for, as <see cref="ClusterNodeOptions.OnStarting"/> does.</param>
    /// <param name="configureLogging">Where logs go; nowhere by default.</param>
    /// <param name="time">Clock; the system's by default.</param>
    /// <exception cref="NodeStartException">An option or the address does not work. What <paramref name="startRuntime"/> throws goes through.</exception>
    public static async Task<SpladeNode> StartAsync(
        SpladeNodeOptions options,
        Func<string, Action<string>, CancellationToken, Task<INodeRuntime>> startRuntime,
        Action<ILoggingBuilder>? configureLogging = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(startRuntime);
        options.Validate();
        var state = new NodeState(time ?? TimeProvider.System);
        var web = Build(options, await ResolveAsync(options.Host, cancellationToken).ConfigureAwait(false), state, configureLogging, time ?? TimeProvider.System);
        try
        {
            await ListenAsync(web, options, cancellationToken).ConfigureAwait(false);
            var url = AnnouncedUrl(web, options);
            state.Started(await startRuntime(url, state.Starts, cancellationToken).ConfigureAwait(false));
            return new SpladeNode(web, state, url, stop => startRuntime(url, state.Starts, stop));
        }
        catch
        {
            await web.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        if (!Ended.IsCompleted)
        {
            _state.Stopping(RequestTime);
        }

        using var drain = new CancellationTokenSource(DrainTime);
        await _web.StopAsync(drain.Token).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await Ended.ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        _state.Dispose();
        _stop.Dispose();
    }

    /// <summary>Keeps a runtime until the node is to stop or can't go on, and disposes each.</summary>
    /// <returns>Why the node ended.</returns>
    private static async Task<string> KeepAsync(
        NodeState state, Func<CancellationToken, Task<INodeRuntime>> startRuntime, ILogger logger, CancellationToken stop)
    {
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, stop);
        while (true)
        {
            var runtime = state.Runtime!;
            await Task.WhenAny(runtime.Terminated, stopped).ConfigureAwait(false);
            var removed = runtime is { Terminated.IsCompleted: true, WasRemoved: true } && !stop.IsCancellationRequested;
            if (removed)
            {
                LogRemoved(logger, runtime.Node.Name);
                state.Removed();
            }
            else
            {
                state.Ended(runtime.EndReason);
            }

            await runtime.DisposeAsync().ConfigureAwait(false);
            if (!removed)
            {
                return runtime.EndReason;
            }

            try
            {
                state.Started(await startRuntime(stop).ConfigureAwait(false));
                LogBack(logger, runtime.Node.Name);
            }
            catch (Exception e)
            {
                // Whoever waits for the node to end gets the reason.
                var reason = $"{runtime.EndReason} It could not join them again by itself: {e.Message}";
                state.Ended(reason);
                return reason;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The other nodes could not reach node {Node} for too long and removed it from the cluster: it joins again")]
    private static partial void LogRemoved(ILogger logger, string node);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {Node} is in the cluster again")]
    private static partial void LogBack(ILogger logger, string node);

    private static WebApplication Build(
        SpladeNodeOptions options, IPAddress[] addresses, NodeState state, Action<ILoggingBuilder>? configureLogging, TimeProvider time)
    {
        // Empty: no settings from files or variables that the node's own options do not know.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(SpladeNode).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestLineSize = 16 * 1024;

            // Checked while reading, with a typed error.
            kestrel.Limits.MaxRequestBodySize = null;
            foreach (var address in addresses)
            {
                kestrel.Listen(address, options.HttpPort, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            }
        });
        configureLogging?.Invoke(builder.Logging);
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.AddSingleton(options).AddSingleton(state).AddSingleton(time).AddSingleton<RestMetrics>();
        builder.Services.AddSingleton(new ApiKeyGuard(options.ApiKey));
        builder.Services.AddSingleton(services => Api.Create(state, services.GetRequiredService<RestMetrics>(), time));
        builder.Services.AddSingleton<RestPipeline>();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(RestMetrics.MeterName)
            .AddMeter(EncodingMetrics.MeterName)
            .AddAspNetCoreInstrumentation()
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());
        var web = builder.Build();
        var pipeline = web.Services.GetRequiredService<RestPipeline>();
        web.Use(next => http => pipeline.InvokeAsync(http, next));
        web.UseOpenTelemetryPrometheusScrapingEndpoint(RestPipeline.MetricsPath);
        return web;
    }

    private static async Task ListenAsync(WebApplication web, SpladeNodeOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await web.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            var reason = (e.InnerException as SocketException ?? e.InnerException?.InnerException as SocketException ?? e as SocketException)?.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another process uses the port: stop it, or choose another port (0 takes a free one)",
                SocketError.AccessDenied => "this user may not: choose a port above 1024",
                SocketError.AddressNotAvailable => "this machine does not have the address: choose one of its own",
                _ => e.Message.ReplaceLineEndings(" "),
            };
            throw new NodeStartException($"Can't serve HTTP on {options.Host}:{options.HttpPort}: {reason}.", e);
        }
    }

    /// <summary>With port 0 only one address of a name is listened on: each would get another port.</summary>
    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
        {
            return [address];
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
            return [found.OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First()];
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            throw new NodeStartException($"The host {host} has no address: {e.Message}", e);
        }
    }

    private static string AnnouncedUrl(WebApplication web, SpladeNodeOptions options)
    {
        var bound = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var port = new Uri(bound.Replace("[::]", "localhost", StringComparison.Ordinal)).Port;
        var host = !IsAny(options.Host) ? options.Host : !IsAny(options.Cluster.Host) ? options.Cluster.Host : Dns.GetHostName();
        return host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"http://[{host}]:{port}" : $"http://{host}:{port}";
    }

    private static bool IsAny(string host) => host is "0.0.0.0" or "::" or "[::]" or "*";

    /// <summary>The process belongs to whoever starts the node: signals are theirs to handle.</summary>
    private sealed class CallerLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
