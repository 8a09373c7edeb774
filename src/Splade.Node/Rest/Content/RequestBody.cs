using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Content;

/// <summary>A request's body, decompressed, of limited length, charged to the budget of all requests while it is in memory.</summary>
internal sealed class RequestBody(HttpRequest request, long longest, BodyBudget budget) : IDisposable
{
    private readonly PooledBuffer _buffer = new();
    private Stream? _stream;
    private long _total;
    private long _charged;
    private bool _ended;
    private int _lineStart;
    private int _weight = 1;

    public static bool IsPresent(HttpRequest request) =>
        request.ContentLength > 0 || (request.ContentLength is null && request.Headers.TransferEncoding.Count > 0);

    /// <summary>The whole body. Valid until the request ends.</summary>
    /// <param name="most">Longest body of this kind, in bytes.</param>
    /// <param name="weight">What the budget is charged for a byte: reading JSON makes many times its bytes of it.</param>
    /// <exception cref="RestException">413: it is longer. What lies behind the limit is not read.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAllAsync(int most, int weight, CancellationToken cancellationToken)
    {
        _weight = weight;
        var limit = Math.Min(most, longest);
        if (request.ContentLength > limit)
        {
            throw RestErrors.BodyTooLarge(limit);
        }

        while (await FillAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_buffer.Length > limit)
            {
                throw RestErrors.BodyTooLarge(limit);
            }
        }

        return _buffer.Written;
    }

    /// <summary>The next line; null at the end. A line that is too long is read over without keeping it.</summary>
    public async ValueTask<BodyLine?> ReadLineAsync(int most, CancellationToken cancellationToken)
    {
        if (_lineStart > 0 && (_lineStart == _buffer.Length || _lineStart > 1 << 16))
        {
            Forget(_lineStart);
        }

        var (searched, tooLong) = (_lineStart, false);
        while (true)
        {
            var newline = _buffer.Written.Span[searched..].IndexOf((byte)'\n');
            var end = newline < 0 ? _buffer.Length : searched + newline;
            tooLong |= end - _lineStart > most;
            if (newline >= 0)
            {
                return Take(end, end + 1, terminated: true);
            }

            if (tooLong)
            {
                Forget(_buffer.Length);
            }

            searched = _buffer.Length;
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return tooLong || _lineStart < _buffer.Length ? Take(_buffer.Length, _buffer.Length, terminated: false) : null;
            }
        }

        BodyLine Take(int end, int next, bool terminated)
        {
            var bytes = tooLong ? default : _buffer.Written[_lineStart..end];
            _lineStart = next;
            return new BodyLine(bytes, terminated, tooLong);
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
        if (_total > longest)
        {
            throw RestErrors.BodyTooLarge(longest);
        }

        Charge();
        return !_ended;
    }

    private void Charge()
    {
        var more = ((long)_buffer.Length * _weight) - _charged;
        if (more > 0)
        {
            budget.Take(more);
        }
        else
        {
            budget.Return(-more);
        }

        _charged += more;
    }

    /// <summary>Drops the first bytes.</summary>
    private void Forget(int count)
    {
        _buffer.Consume(count);
        _lineStart = 0;
        Charge();
    }

    private Stream Open()
    {
        if (request.ContentLength > longest)
        {
            throw RestErrors.BodyTooLarge(longest);
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

/// <summary>A line of a body without its newline, in a buffer that the next read overwrites.</summary>
/// <param name="Terminated">A newline follows.</param>
/// <param name="TooLong">It was longer than asked for; there are no bytes.</param>
internal readonly record struct BodyLine(ReadOnlyMemory<byte> Bytes, bool Terminated, bool TooLong);
