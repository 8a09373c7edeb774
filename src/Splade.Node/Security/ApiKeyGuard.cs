using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Security;

/// <summary>Asks every request for the node's API key, where it has one. Compares digests, so that time tells nothing of the key.</summary>
internal sealed class ApiKeyGuard(string? key)
{
    private static readonly string[] Schemes = ["ApiKey ", "Bearer "];

    private readonly byte[]? _digest = key is null ? null : SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));

    /// <exception cref="RestException">401: no key or a wrong one.</exception>
    public void Check(HttpRequest request, RequestTarget target)
    {
        if (_digest is null)
        {
            return;
        }

        var header = request.Headers.Authorization.ToString();
        if (Array.Find(Schemes, s => header.StartsWith(s, StringComparison.OrdinalIgnoreCase)) is not { } scheme)
        {
            throw Refused($"missing authentication credentials for REST request [{target.RawPath}]: send the header [Authorization: ApiKey <key>]");
        }

        if (!CryptographicOperations.FixedTimeEquals(_digest, SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(header[scheme.Length..].Trim()))))
        {
            throw Refused("unable to authenticate with the provided API key");
        }
    }

    private static RestException Refused(string reason) =>
        new(new RestError(401, "security_exception", reason) { Headers = [("WWW-Authenticate", "ApiKey, Bearer realm=\"security\"")] });
}
