using CsCheck;
using Splade.Encoding.Batching;

namespace Splade.Encoding.Tests;

public sealed class VolumeGateTests
{
    [Fact]
    public void Never_more_goes_in_than_there_is_room_for_but_everything_does() =>
        Gen.Select(Gen.Int[1, 100], Gen.Int[0, 150].Array[1, 60], Gen.Int[1, 6]).Sample(
            (capacity, volumes, threads) =>
            {
                var gate = new VolumeGate(capacity);
                var (inside, most, next) = (0L, 0L, -1);
                Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ =>
                {
                    for (int i; (i = Interlocked.Increment(ref next)) < volumes.Length;)
                    {
                        var entered = gate.Enter(volumes[i]);
                        var now = Interlocked.Add(ref inside, entered);
                        InterlockedMax(ref most, now);
                        Interlocked.Add(ref inside, -entered);
                        gate.Leave(entered);
                    }
                });
                most.ShouldBeLessThanOrEqualTo(capacity);
                gate.Enter(capacity).ShouldBe(capacity);
            },
            iter: 200);

    [Fact]
    public async Task Who_waits_goes_before_who_comes_later_however_small()
    {
        var gate = new VolumeGate(10);
        gate.Enter(6);
        var large = Task.Run(() => gate.Enter(8));
        while (!gate.HasWaiting)
        {
            await Task.Yield();
        }

        var small = Task.Run(() => gate.Enter(1));
        gate.Leave(6);
        (await large).ShouldBe(8);
        (await small).ShouldBe(1);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            var found = Interlocked.CompareExchange(ref target, value, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }
}
