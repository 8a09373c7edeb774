using System.Collections.Concurrent;
using Splade.Evaluation.Speed;
using Splade.Tests;

namespace Splade.Evaluation.Tests.Speed;

public sealed class ContenderRaceTests
{
    private const int Queries = 7;

    [Fact]
    public void Every_thread_asks_its_own_queries_from_the_first_pass_to_the_last()
    {
        var log = new ConcurrentDictionary<(int Thread, int Query), byte>();
        var results = ContenderRace.Run([new Recorder(log, _ => { })], Queries, new BenchmarkOptions { Ks = [3, 5], Threads = 3, Passes = 4 }, null, _ => { }, CancellationToken.None);
        results.Select(r => (r.K, r.Postings, r.Recall)).ShouldBe([(3, 2.0, 1.0), (5, 2.0, 1.0)]);
        var asked = log.Keys.ToArray();
        asked.Select(a => a.Query).Order().ShouldBe(Enumerable.Range(0, Queries));
        asked.GroupBy(a => a.Thread).Select(g => g.Count()).Order().ShouldBe([2, 2, 3]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void What_a_search_throws_ends_the_race_as_it_is(int threads)
    {
        var searches = 0;
        Should.Throw<TimeoutException>(() => ContenderRace.Run(
            [new Recorder(new(), q => _ = q == 4 && Interlocked.Increment(ref searches) > 3 ? throw new TimeoutException("gone") : 0)],
            Queries, new BenchmarkOptions { Ks = [3], Threads = threads }, null, _ => { }, CancellationToken.None)).Message.ShouldBe("gone");
    }

    [Fact]
    public void Warming_up_ends_when_nothing_was_compiled_for_half_a_second()
    {
        var time = new ManualTime();
        var rounds = 0;
        new WarmUp(time, () => Math.Min(rounds, 10)).Run(() =>
        {
            rounds++;
            time.Advance(TimeSpan.FromSeconds(0.2));
        }, CancellationToken.None);
        rounds.ShouldBe(10 + 3);
    }

    [Fact]
    public void Warming_up_ends_where_compiling_does_not()
    {
        var time = new ManualTime();
        var rounds = 0;
        new WarmUp(time, () => rounds).Run(() =>
        {
            rounds++;
            time.Advance(TimeSpan.FromSeconds(1));
        }, CancellationToken.None);
        rounds.ShouldBe(20);
    }

    private sealed class Recorder(ConcurrentDictionary<(int Thread, int Query), byte> log, Action<int> search) : Contender("exact", "")
    {
        private int _last;

        public override (long Postings, long Blocks) Work => (2, 1);

        public override void Search(int query, int k)
        {
            search(query);
            log.TryAdd((Environment.CurrentManagedThreadId, query), 0);
            _last = query;
        }

        public override (string Row, double Score)[] Ranking() => [($"{_last}", 1)];

        public override Contender Share() => new Recorder(log, search);
    }
}
