using System.Text.Unicode;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Routing;

/// <summary>
/// The request target as it was sent: split first, then each part percent-decoded once, so that <c>a%2Fb</c> is one part.
/// </summary>
/// <param name="Raw">Path and query as sent, for messages.</param>
/// <param name="RawPath">Path as sent.</param>
internal sealed record RequestTarget(string Raw, string RawPath, IReadOnlyList<string> Parts, IReadOnlyDictionary<string, string> Query)
{
    /// <exception cref="RestException">Broken percent encoding.</exception>
    public static RequestTarget Parse(string raw)
    {
        var target = raw;
        if (!target.StartsWith('/'))
        {
            // Absolute form, as proxies send it.
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            var path = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
            target = path < 0 ? "/" : target[path..];
        }

        var question = target.IndexOf('?', StringComparison.Ordinal);
        var rawPath = question < 0 ? target : target[..question];
        var parts = rawPath.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(p => Decode(p, plusIsBlank: false)).ToArray();
        return new RequestTarget(target, rawPath, parts, ParseQuery(question < 0 ? "" : target[(question + 1)..]));
    }

    private static Dictionary<string, string> ParseQuery(string text)
    {
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(equals < 0 ? pair : pair[..equals], plusIsBlank: true);
            if (!query.TryAdd(name, equals < 0 ? "" : Decode(pair[(equals + 1)..], plusIsBlank: true)))
            {
                throw RestErrors.IllegalArgument($"the parameter [{name}] is given more than once");
            }
        }

        return query;
    }

    private static string Decode(string text, bool plusIsBlank)
    {
        if (text.AsSpan().IndexOfAny('%', '+') < 0)
        {
            return text;
        }

        var bytes = new byte[System.Text.Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                length += System.Text.Encoding.UTF8.GetBytes(text.AsSpan(i, 1), bytes.AsSpan(length));
                bytes[length - 1] = plusIsBlank && text[i] == '+' ? (byte)' ' : bytes[length - 1];
            }
            else if (i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes[length++] = Convert.ToByte(text.Substring(i + 1, 2), 16);
                i += 2;
            }
            else
            {
                throw RestErrors.IllegalArgument($"[{text}] in the request target has a % that two hexadecimal digits do not follow");
            }
        }

        var decoded = bytes.AsSpan(0, length);
        return Utf8.IsValid(decoded)
            ? System.Text.Encoding.UTF8.GetString(decoded)
            : throw RestErrors.IllegalArgument($"[{text}] in the request target is not valid UTF-8");
    }
}
