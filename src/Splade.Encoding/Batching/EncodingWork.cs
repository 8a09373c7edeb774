using System.Runtime.ExceptionServices;

namespace Splade.Encoding.Batching;

/// <summary>
/// The work of one call, which its threads take from each other: parts of the texts to be tokenized, and the batches that come out of them. Batches go
/// first, so that no more ids wait than one part a thread has.
/// </summary>
internal sealed class EncodingWork(
    IEnumerable<int[]> parts, Func<int[], IEnumerable<(TokenizedTexts Texts, int[] Passages)>> tokenize, Action<TokenizedTexts, int[]> run)
{
    private readonly object _gate = new();
    private readonly Queue<int[]> _parts = new(parts);
    private readonly Queue<(TokenizedTexts Texts, int[] Passages)> _batches = new();
    private int _tokenizing;
    private int _running;
    private ExceptionDispatchInfo? _failure;

    /// <summary>
    /// Does all of it, on the caller's thread and others that live as long as the call: the pool's are few, and queries wait for them. Nothing works on after
    /// the call, failed or not.
    /// </summary>
    public void Run(int workers)
    {
        for (var i = 1; i < Math.Min(workers, _parts.Count); i++)
        {
            new Thread(Work) { IsBackground = true, Name = "splade-encode" }.UnsafeStart();
        }

        Work();
        lock (_gate)
        {
            // Threads that have not begun yet find nothing to do, and are not waited for.
            while (_tokenizing + _running > 0)
            {
                Monitor.Wait(_gate);
            }
        }

        _failure?.Throw();
    }

    private void Work()
    {
        while (true)
        {
            int[]? part = null;
            (TokenizedTexts Texts, int[] Passages) batch = default;
            lock (_gate)
            {
                while (_failure is null && _batches.Count == 0 && _parts.Count == 0 && _tokenizing > 0)
                {
                    Monitor.Wait(_gate);
                }

                if (_failure is not null)
                {
                    return;
                }

                if (_batches.TryDequeue(out batch))
                {
                    _running++;
                }
                else if (_parts.TryDequeue(out part))
                {
                    _tokenizing++;
                }
                else
                {
                    return;
                }
            }

            try
            {
                if (part is null)
                {
                    run(batch.Texts, batch.Passages);
                    End(ref _running, []);
                }
                else
                {
                    End(ref _tokenizing, [.. tokenize(part)]);
                }
            }
            catch (Exception exception)
            {
                lock (_gate)
                {
                    _failure ??= ExceptionDispatchInfo.Capture(exception);
                    End(ref part is null ? ref _running : ref _tokenizing, []);
                }
            }
        }
    }

    private void End(ref int count, (TokenizedTexts Texts, int[] Passages)[] batches)
    {
        lock (_gate)
        {
            count--;
            Array.ForEach(batches, _batches.Enqueue);
            Monitor.PulseAll(_gate);
        }
    }
}
