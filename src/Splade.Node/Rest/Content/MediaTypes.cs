using Microsoft.AspNetCore.Http;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Routing;

namespace Splade.Node.Rest.Content;

/// <summary>A media type as the dialect's headers have it.</summary>
/// <param name="Version">Of <c>compatible-with</c>; 0 without one.</param>
internal sealed record MediaType(string Name, int Version)
{
    /// <summary>Major versions of the vendored types that are understood: the current one and the one before.</summary>
    private static readonly int[] Versions = [8, 9];

    public bool IsJson => Name is "application/json" or "application/vnd.elasticsearch+json";

    public bool IsNdjson => Name is "application/x-ndjson" or "application/vnd.elasticsearch+x-ndjson";

    public bool IsText => Name is "text/plain" or "application/vnd.elasticsearch+text";

    public bool IsVendored => Name.StartsWith("application/vnd.elasticsearch+", StringComparison.Ordinal);

    /// <summary>Null when the header can't be understood.</summary>
    public static MediaType? Parse(string header)
    {
        var pieces = header.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (pieces.Length == 0 || !pieces[0].Contains('/', StringComparison.Ordinal))
        {
            return null;
        }

        var version = 0;
        foreach (var piece in pieces.Skip(1))
        {
            var equals = piece.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? piece : piece[..equals]).Trim();
            var value = equals < 0 ? "" : piece[(equals + 1)..].Trim().Trim('"');
            if (name.Equals("compatible-with", StringComparison.OrdinalIgnoreCase))
            {
                if (!int.TryParse(value, out version) || !Versions.Contains(version))
                {
                    return null;
                }
            }
            else if (name.Equals("charset", StringComparison.OrdinalIgnoreCase) && !value.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
        }

        return new MediaType(pieces[0].ToLowerInvariant(), version);
    }
}

/// <summary>How a response is to be written.</summary>
/// <param name="JsonType">Content type of JSON, vendored for those who asked so.</param>
/// <param name="Text">A table is to be text.</param>
internal sealed record ResponseFormat(string JsonType, bool Text)
{
    public static ResponseFormat PlainJson { get; } = new("application/json", false);
}

/// <summary>Content negotiation of the dialect.</summary>
internal static class Negotiation
{
    /// <exception cref="RestException">406 or 400: a type that is not understood, or versions that do not fit.</exception>
    public static ResponseFormat Negotiate(HttpRequest request, Route? route, bool hasBody)
    {
        var accept = Accept(request);
        var content = hasBody ? Content(request, route) : null;
        if (content is not null && (content.Version != 0 || accept is { Version: not 0 }) && content.Version != (accept?.Version ?? 0))
        {
            throw MediaTypeHeader(
                $"A compatible version is required on both Content-Type and Accept headers if either one has requested a compatible version. Accept={request.Headers.Accept}, Content-Type={request.ContentType}");
        }

        var jsonType = accept is { IsVendored: true, IsText: false }
            ? $"application/vnd.elasticsearch+json;compatible-with={(accept.Version == 0 ? 9 : accept.Version)}"
            : "application/json";
        return new ResponseFormat(jsonType, Text: route is { IsTable: true } && (accept is null || accept.IsText));
    }

    /// <summary>The format with the <c>format</c> parameter, which wins over the header.</summary>
    public static ResponseFormat WithParameter(ResponseFormat format, Route route, string? parameter) => parameter switch
    {
        null => format,
        "json" => format with { Text = false },
        "text" or "txt" when route.IsTable => format with { Text = true },
        _ => throw RestErrors.IllegalArgument($"[format] of [{parameter}] is not supported here: give [json]{(route.IsTable ? " or [text]" : "")}"),
    };

    private static MediaType? Accept(HttpRequest request)
    {
        var header = request.Headers.Accept.ToString();
        if (header.Length == 0 || header.Contains(',', StringComparison.Ordinal) || header.TrimStart().StartsWith("*/*", StringComparison.Ordinal))
        {
            return null;
        }

        return MediaType.Parse(header) is { } type && (type.IsJson || type.IsNdjson || type.IsText)
            ? type
            : throw MediaTypeHeader($"Invalid media-type value on headers [Accept]: [{header}]");
    }

    private static MediaType Content(HttpRequest request, Route? route)
    {
        var header = request.ContentType ?? "";
        if (MediaType.Parse(header) is { } type && (type.IsJson || (type.IsNdjson && route is null or { Body: BodyKind.Ndjson })))
        {
            return type;
        }

        if (header.Contains("compatible-with", StringComparison.OrdinalIgnoreCase))
        {
            throw MediaTypeHeader($"Invalid media-type value on headers [Content-Type]: [{header}]");
        }

        throw new RestException(new RestError(406, "media_type_header_exception", $"Content-Type header [{header}] is not supported") { ReasonOnly = true });
    }

    private static RestException MediaTypeHeader(string reason) => new(new RestError(400, "media_type_header_exception", reason));
}
