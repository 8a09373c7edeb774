using System.Globalization;
using Splade.Index;

namespace Splade.Evaluation.Speed;

/// <summary>The engine, exact or approximate.</summary>
internal sealed class EngineContender(IndexReader reader, IReadOnlyList<BenchmarkQuery> queries, SearchOptions options, string mode, string setting)
    : Contender(mode, setting)
{
    private Hit[] _hits = [];
    private HitCount _last;

    public override (long Postings, long Blocks) Work => (_last.Statistics.Postings, _last.Statistics.Blocks);

    public override void Search(int query, int k)
    {
        if (_hits.Length < k)
        {
            _hits = new Hit[k];
        }

        _last = reader.Search(queries[query].Query, _hits.AsSpan(0, k), options);
    }

    public override (string Row, double Score)[] Ranking() =>
        [.. _hits.Take(_last.Count).Select(h => (int.Parse(h.Id, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture), h.Score))];

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
