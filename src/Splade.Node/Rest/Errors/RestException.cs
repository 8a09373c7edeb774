namespace Splade.Node.Rest.Errors;

/// <summary>Ends a request, or one item of it, with a typed error.</summary>
internal sealed class RestException(RestError error, Exception? inner = null) : Exception(error.Reason, inner)
{
    public RestError Error { get; } = error;
}
