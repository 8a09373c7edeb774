using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Content;

/// <summary>A request's body, decompressed, of limited length, charged to the budget of all requests while it is in memory.</summary>
internal sealed class RequestBody(HttpRequest request, long limit, BodyBudget budget) : IDisposable
{
    private readonly PooledBuffer _buffer = new();
    private Stream? _stream;
    private long _total;
    private long _charged;
    private bool _ended;
    private int _lineStart;

    public static bool IsPresent(HttpRequest request) =>
        request.ContentLength > 0 || (request.ContentLength is null && request.Headers.TransferEncoding.Count > 0);

    /// <summary>The whole body. Valid until the request ends.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAllAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(cancellationToken).ConfigureAwait(false))
        {
        }

        return _buffer.Written;
    }

    /// <summary>
    /// The next line without its newline, in a buffer that the next call overwrites; null at the end. Bytes behind the last newline
    /// are a line with <c>Terminated</c> false.
    /// </summary>
    public async ValueTask<(ReadOnlyMemory<byte> Line, bool Terminated)?> ReadLineAsync(CancellationToken cancellationToken)
    {
        if (_lineStart > 0 && (_lineStart == _buffer.Length || _lineStart > 1 << 16))
        {
            _buffer.Consume(_lineStart);
            Charge();
            _lineStart = 0;
        }

        var searched = _lineStart;
        while (true)
        {
            var newline = _buffer.Written.Span[searched..].IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = _buffer.Written[_lineStart..(searched + newline)];
                _lineStart = searched + newline + 1;
                return (line, true);
            }

            searched = _buffer.Length;
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                var rest = _buffer.Written[_lineStart..];
                _lineStart = _buffer.Length;
                return rest.IsEmpty ? null : (rest, false);
            }
        }
    }


    public void Dispose()
    {
        _buffer.Dispose();
        budget.Return(_charged);
        _charged = 0;
        _stream?.Dispose();
    }

    /// <summary>Reads some more; false at the end.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return false;
        }

        _stream ??= Open();
        int read;
        try
        {
            read = await _stream.ReadAsync(_buffer.GetMemory(64 * 1024), cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new RestException(new RestError(400, "illegal_argument_exception", "the request body is not valid gzip: " + e.Message), e);
        }

        _buffer.Advance(read);
        _total += read;
        _ended = read == 0;
        if (_total > limit)
        {
            throw RestErrors.BodyTooLarge(limit);
        }

        Charge();
        return !_ended;
    }

    private void Charge()
    {
        var more = _buffer.Length - _charged;
        if (more > 0)
        {
            budget.Take(more);
        }
        else
        {
            budget.Return(-more);
        }

        _charged = _buffer.Length;
    }

    private Stream Open()
    {
        if (request.ContentLength > limit)
        {
            throw RestErrors.BodyTooLarge(limit);
        }

        return request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
        {
            "" or "identity" => request.Body,
            "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            var other => throw new RestException(new RestError(
                415, "illegal_argument_exception", $"Content-Encoding [{other}] is not supported: send [gzip] or none")),
        };
    }
}
