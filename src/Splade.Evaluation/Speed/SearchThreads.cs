using System.Collections.Concurrent;

namespace Splade.Evaluation.Speed;

/// <summary>Threads that stay: what a search keeps for its thread is there from the first pass to the last.</summary>
internal sealed class SearchThreads : IDisposable
{
    private readonly BlockingCollection<Task>[] _work;
    private readonly Thread[] _threads;

    public SearchThreads(int count)
    {
        _work = [.. Enumerable.Range(0, count).Select(_ => new BlockingCollection<Task>())];
        _threads = Array.ConvertAll(_work, w => new Thread(() => Serve(w)) { IsBackground = true, Name = "search" });
        Array.ForEach(_threads, t => t.Start());
    }

    public int Count => _threads.Length;

    /// <summary>Does the work on every thread, which it gets the number of, and waits for all; throws what the first that failed threw.</summary>
    public void Run(Action<int> work)
    {
        var tasks = Enumerable.Range(0, Count).Select(t => new Task(() => work(t))).ToArray();
        for (var t = 0; t < Count; t++)
        {
            _work[t].Add(tasks[t]);
        }

        Task.WhenAll(tasks).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        Array.ForEach(_work, w => w.CompleteAdding());
        Array.ForEach(_threads, t => t.Join());
        Array.ForEach(_work, w => w.Dispose());
    }

    private static void Serve(BlockingCollection<Task> work)
    {
        foreach (var task in work.GetConsumingEnumerable())
        {
            task.RunSynchronously();
        }
    }
}
