using System.Collections.Immutable;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace Splade.Cluster.Tests.Sharding;

/// <summary>A journal in memory whose next write fails when a test says so: with a full disk, after or before the events reached it.</summary>
public sealed class FailingJournal : MemoryJournal
{
    private static volatile string? _failure;
    private static volatile bool _written;

    public static void FailNext(string failure, bool written) => (_written, _failure) = (written, failure);

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var failure = Interlocked.Exchange(ref _failure, null);
        if (failure is null)
        {
            return await base.WriteMessagesAsync(messages, cancellationToken);
        }

        if (_written)
        {
            await base.WriteMessagesAsync(messages, cancellationToken);
        }

        throw new IOException(failure);
    }
}
