namespace Splade.Encoding.Batching;

/// <summary>
/// Bounds the tokens that are computed at a time, whatever the number of threads: the logits of all of them are in memory. More than there is room for
/// goes alone.
/// </summary>
internal sealed class VolumeGate(long capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Volume, TaskCompletionSource Entered)> _waiting = new();
    private readonly long _capacity = capacity;
    private long _free = capacity;

    /// <summary>Somebody waits for room.</summary>
    public bool HasWaiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Waits for room, in the order of the calls.</summary>
    /// <returns>What <see cref="Leave"/> is to be given.</returns>
    public long Enter(long volume)
    {
        volume = Math.Min(volume, _capacity);
        TaskCompletionSource entered;
        lock (_lock)
        {
            if (_waiting.Count == 0 && volume <= _free)
            {
                _free -= volume;
                return volume;
            }

            entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((volume, entered));
        }

        entered.Task.GetAwaiter().GetResult();
        return volume;
    }

    public void Leave(long volume)
    {
        lock (_lock)
        {
            _free += volume;
            while (_waiting.TryPeek(out var next) && next.Volume <= _free)
            {
                _free -= next.Volume;
                _waiting.Dequeue().Entered.SetResult();
            }
        }
    }
}
