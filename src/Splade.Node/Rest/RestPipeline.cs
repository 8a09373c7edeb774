using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Splade.Node.Metrics;
using Splade.Node.Rest.Content;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Routing;
using Splade.Node.Security;

namespace Splade.Node.Rest;

/// <summary>From the raw request to the written response: key, route, parameters, content types, handler, errors.</summary>
internal sealed partial class RestPipeline(
    SpladeNodeOptions options, RouteTable table, NodeState state, ApiKeyGuard guard, RestMetrics metrics, ILogger<RestPipeline> logger)
{
    public const string MetricsPath = "/metrics";

    private const string HealthPrefix = "/health/";

    private readonly BodyBudget _budget = new(options.MaxBodyBytesInFlight);

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var started = Stopwatch.GetTimestamp();
        http.Response.Headers["X-elastic-product"] = "Elasticsearch";
        if (http.Request.Headers["X-Opaque-Id"].ToString() is { Length: > 0 } opaque && opaque.All(c => c is >= ' ' and <= '~'))
        {
            http.Response.Headers["X-Opaque-Id"] = opaque;
        }

        var exchange = new Exchange();
        try
        {
            await HandleAsync(http, next, exchange).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await FailAsync(http, e, exchange).ConfigureAwait(false);
        }

        metrics.Request(http.Request.Method, exchange.Route?.Pattern, http.Response.StatusCode, Stopwatch.GetElapsedTime(started));
    }

    private async Task HandleAsync(HttpContext http, RequestDelegate next, Exchange exchange)
    {
        var target = RequestTarget.Parse(http.Features.Get<IHttpRequestFeature>()!.RawTarget);
        exchange.Target = target;
        if (!target.RawPath.StartsWith(HealthPrefix, StringComparison.Ordinal))
        {
            guard.Check(http.Request, target);
        }

        if (target.RawPath == MetricsPath && http.Request.Method == "GET")
        {
            await next(http).ConfigureAwait(false);
            return;
        }

        var (route, values) = table.Find(http.Request.Method, target);
        exchange.Route = route;
        var hasBody = RequestBody.IsPresent(http.Request);
        if (route.NeedsCluster)
        {
            exchange.Format = Negotiation.Negotiate(http.Request, route, hasBody);
        }

        var query = new QueryParameters(target.Query);
        query.RefuseUnknown(route, target);
        exchange.Format = Negotiation.WithParameter(exchange.Format, route, query["format"]);
        if (hasBody && route.Body == BodyKind.None)
        {
            throw RestErrors.IllegalArgument($"request [{http.Request.Method} {target.RawPath}] does not support having a body");
        }

        if (route.NeedsCluster)
        {
            await state.WaitUntilBackAsync(query.Time("timeout") ?? TimeSpan.Zero, http.RequestAborted).ConfigureAwait(false);
        }

        // Before the look at the state, so that a node that is removed in between is noticed.
        var abandoned = state.Abandoned;
        if (route.NeedsCluster)
        {
            state.RequireCluster();
        }

        var body = new RequestBody(http.Request, options.MaxBodyBytes, _budget);
        var request = new RestRequest(http, route, target, values, state.Runtime, body, exchange.Format.Text);
        var response = await AnswerAsync(route.Handler(request), body, abandoned).ConfigureAwait(false);
        await ResponseWriter.WriteAsync(http, response, exchange.Format, query).ConfigureAwait(false);
    }

    /// <summary>The handler's answer, or a 503 where the node ends before it.</summary>
    private async Task<RestResponse> AnswerAsync(Task<RestResponse> handling, RequestBody body, CancellationToken abandoned)
    {
        try
        {
            return await handling.WaitAsync(abandoned).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (abandoned.IsCancellationRequested && !handling.IsCompleted)
        {
            throw state.NotReady(". The outcome of the request is not known");
        }
        finally
        {
            // A handler that was not waited for may still read it.
            _ = handling.ContinueWith(_ => body.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task FailAsync(HttpContext http, Exception exception, Exchange exchange)
    {
        var error = exception switch
        {
            BadHttpRequestException e => new RestError(e.StatusCode, "illegal_argument_exception", e.Message),
            OperationCanceledException => new RestError(408, "timeout_exception", "the operation took longer than its timeout"),
            _ => RestErrors.Of(exception),
        };
        if (error is null)
        {
            var id = Guid.NewGuid().ToString("n")[..12];
            LogUnexpected(logger, exception, id, http.Request.Method, exchange.Target?.RawPath ?? "");
            error = new RestError(500, "internal_server_error", $"an unexpected error, in the log of this node as [{id}]: {exception.GetType().Name}");
        }

        foreach (var (name, value) in error.Headers)
        {
            http.Response.Headers[name] = value;
        }

        var query = exchange.Target is null ? null : new QueryParameters(exchange.Target.Query);
        var trace = query?["error_trace"] is "" or "true" ? exception.ToString() : null;
        var response = RestResponse.OfJson(json => ErrorJson.WriteBody(json, error, trace), error.Status);
        await ResponseWriter.WriteAsync(http, response, exchange.Format with { Text = false }, query).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Unexpected error {Id} in {Method} {Path}")]
    private static partial void LogUnexpected(ILogger logger, Exception exception, string id, string method, string path);

    /// <summary>What is known of a request when it fails.</summary>
    private sealed class Exchange
    {
        public RequestTarget? Target { get; set; }

        public Route? Route { get; set; }

        public ResponseFormat Format { get; set; } = ResponseFormat.PlainJson;
    }
}
