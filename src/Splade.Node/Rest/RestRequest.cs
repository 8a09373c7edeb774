using Microsoft.AspNetCore.Http;
using Splade.Cluster.Api;
using Splade.Cluster.Protocol.Catalog;
using Splade.Node.Rest.Content;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest;

/// <summary>A request as a handler sees it: routed, its parameters checked, its body not read yet.</summary>
internal sealed class RestRequest(HttpContext http, Route route, RequestTarget target, Dictionary<string, string> values, INodeRuntime? runtime, RequestBody body, bool textWanted)
{
    public Route Route => route;

    public string Method => http.Request.Method;

    public RequestTarget Target => target;

    public QueryParameters Query { get; } = new(target.Query);

    public CancellationToken Aborted => http.RequestAborted;

    public INodeRuntime Runtime => runtime!;

    /// <summary>There whenever the route needs it.</summary>
    public ISearchCluster Cluster => runtime!.Cluster!;

    public RequestBody Body => body;

    /// <summary>A table is to be text, not JSON.</summary>
    public bool TextWanted => textWanted;

    /// <summary>A part of the path by its name; null when the route has none.</summary>
    public string? Part(string name) => values.GetValueOrDefault(name);

    /// <summary>A JSON body, or the <c>source</c> parameter that stands for it; null without either.</summary>
    public async ValueTask<JsonPart?> ReadJsonAsync(string owner)
    {
        var bytes = await body.ReadAllAsync(JsonBody.MaxBytes, JsonBody.Weight, Aborted).ConfigureAwait(false);
        if (bytes.IsEmpty && Query["source"] is { Length: > 0 } source)
        {
            bytes = System.Text.Encoding.UTF8.GetBytes(source);
        }

        return bytes.IsEmpty ? null : JsonBody.ParseObject(bytes, owner);
    }

    /// <summary>As <see cref="ReadJsonAsync"/>, with a body required.</summary>
    public async ValueTask<JsonPart> RequireJsonAsync(string owner) =>
        await ReadJsonAsync(owner).ConfigureAwait(false) ?? throw RestErrors.BodyRequired();

    /// <summary>The one index that the path names.</summary>
    /// <exception cref="RestException">There is none of that name.</exception>
    public IndexMetadata RequireIndex() => IndexExpression.Require(Cluster.Catalog, Part("index")!);

    /// <summary>The indices that the path names (all without a name), by the request's index options.</summary>
    public IReadOnlyList<IndexMetadata> ResolveIndices() =>
        IndexExpression.Resolve(Cluster.Catalog, Part("index"), IndexOptions.Of(Query));
}
