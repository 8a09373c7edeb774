using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Content;

/// <summary>Bytes of request bodies in memory, of all requests together; beyond the limit a request is refused with 429.</summary>
internal sealed class BodyBudget(long limit)
{
    private long _held;

    public void Take(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > limit)
        {
            Interlocked.Add(ref _held, -bytes);
            throw new RestException(new RestError(
                429, "es_rejected_execution_exception", $"requests in flight hold more than [{limit}] bytes: send again later or with smaller bodies"));
        }
    }

    public void Return(long bytes) => Interlocked.Add(ref _held, -bytes);
}
