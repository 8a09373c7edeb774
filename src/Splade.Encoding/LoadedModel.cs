namespace Splade.Encoding;

/// <summary>A loaded encoder, disposed when the registry has let go of it and nobody uses it any more.</summary>
/// <param name="stamp">Of the package's files before they were read.</param>
internal sealed class LoadedModel<T>(T encoder, string? stamp)
    where T : IDisposable
{
    private int _references = 1;

    public T Encoder => encoder;

    public string? Stamp => stamp;

    /// <returns>False when it is gone already.</returns>
    public bool TryAcquire()
    {
        for (var seen = Volatile.Read(ref _references); seen > 0;)
        {
            var before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            encoder.Dispose();
        }
    }
}
