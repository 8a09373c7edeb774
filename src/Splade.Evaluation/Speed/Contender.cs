using System.Globalization;
using Splade.Index;

namespace Splade.Evaluation.Speed;

/// <summary>A way to search that is measured. One instance a thread.</summary>
internal abstract class Contender(string mode, string setting)
{
    public string Mode { get; } = mode;

    public string Setting { get; } = setting;

    /// <summary>Postings and superblocks of the last search.</summary>
    public abstract (long Postings, long Blocks) Work { get; }

    /// <summary>What is timed.</summary>
    public abstract void Search(int query, int k);

    /// <summary>Rows and scores that the last search found, in order.</summary>
    public abstract (string Row, double Score)[] Ranking();

    /// <summary>The same for another thread.</summary>
    public abstract Contender Share();
}

/// <summary>The engine, exact or approximate.</summary>
internal sealed class EngineContender(IndexReader reader, IReadOnlyList<BenchmarkQuery> queries, SearchOptions options, string mode, string setting)
    : Contender(mode, setting)
{
    private TopHits _last = TopHits.Empty;

    public override (long Postings, long Blocks) Work => (_last.Statistics.Postings, _last.Statistics.Superblocks);

    public override void Search(int query, int k) => _last = reader.Search(queries[query].Query, k, options);

    public override (string Row, double Score)[] Ranking() =>
        [.. _last.Hits.Select(h => (int.Parse(h.Id, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture), h.Score))];

    public override Contender Share() => new EngineContender(reader, queries, options, Mode, Setting);
}

/// <summary>The yardstick.</summary>
internal sealed class YardstickContender(Yardstick yardstick, IReadOnlyList<BenchmarkQuery> queries, IReadOnlyList<ushort[]> weights) : Contender("yardstick", "")
{
    private (int Score, int Row)[] _last = [];
    private int _count;

    public override (long Postings, long Blocks) Work => (yardstick.Postings, 0);

    public override void Search(int query, int k)
    {
        var best = yardstick.Search(queries[query].Terms, weights[query], k);
        if (_last.Length < best.Length)
        {
            _last = new (int, int)[k];
        }

        best.CopyTo(_last);
        _count = best.Length;
    }

    public override (string Row, double Score)[] Ranking() =>
        [.. _last.Take(_count).Select(r => (r.Row.ToString(CultureInfo.InvariantCulture), (double)r.Score))];

    public override Contender Share() => new YardstickContender(yardstick.Share(), queries, weights);
}
