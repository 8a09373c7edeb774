using System.Globalization;
using Splade.Evaluation.Collections;

namespace Splade.Benchmarks.Corpora;

/// <summary>
/// Vectors such as SPLADE models make: topics that share terms, head terms with nearly uniform weights, lognormal lengths. Weights are integers. The same seed
/// gives the same vectors.
/// </summary>
internal sealed class SyntheticCorpus
{
    private readonly CorpusShape _shape;
    private readonly int _documents;
    private readonly int _seed;
    private readonly AliasTable _background;
    private readonly AliasTable _queryBackground;
    private readonly AliasTable _inTopic;
    private readonly int[][] _topics;

    public SyntheticCorpus(CorpusShape shape, int documents, int seed)
    {
        (_shape, _documents, _seed) = (shape, documents, seed);
        var frequencies = new double[shape.Vocabulary];
        for (var t = 0; t < frequencies.Length; t++)
        {
            frequencies[t] = 1 / Math.Pow(t + 1 + shape.Shift, shape.Exponent);
        }

        _background = new AliasTable(frequencies);
        _queryBackground = new AliasTable(Array.ConvertAll(frequencies, f => Math.Pow(f, shape.QueryExponent)));
        _inTopic = new AliasTable([.. Enumerable.Range(0, shape.TopicTerms).Select(i => 1.0 / (i + 20))]);

        // Topics like rarer terms better than documents as a whole do.
        var liking = new AliasTable(Array.ConvertAll(frequencies, f => Math.Pow(f, 0.6)));
        var random = new Random(seed);
        _topics = [.. Enumerable.Range(0, Math.Max(1, documents / shape.TopicDocuments)).Select(_ => Distinct(random, liking, shape.TopicTerms))];
    }

    /// <summary>Documents with weights of another scale, <see cref="ScaledBy"/> times as large.</summary>
    public int Scaled { get; init; }

    public float ScaledBy { get; init; } = 1 / 16f;

    public VectorReader Documents => new GeneratedVectors($"synthetic documents, seed {_seed}", Vocabulary.OfNumbers(), _documents, DocumentAt);

    public VectorReader Queries(int count) => new GeneratedVectors($"synthetic queries, seed {_seed}", Vocabulary.OfNumbers(), count, QueryAt);

    private SparseVector DocumentAt(int row)
    {
        var vector = Vector(row, new Random(HashCode(row, 1)), _shape.DocumentTerms, _shape.DocumentDecay, _background);
        var isScaled = Scaled > 0 && row % Math.Max(1, _documents / Scaled) == 0;
        return isScaled ? vector with { Weights = Array.ConvertAll(vector.Weights, w => w * ScaledBy) } : vector;
    }

    private SparseVector QueryAt(int row) => Vector(row, new Random(HashCode(row, 2)), _shape.QueryTerms, _shape.QueryDecay, _queryBackground);

    private SparseVector Vector(int row, Random random, int meanTerms, double decay, AliasTable background)
    {
        var topic = _topics[random.Next(_topics.Length)];
        var gauss = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var sigma = _shape.LengthSigma;
        var count = (int)Math.Clamp(Math.Round(meanTerms * Math.Exp((sigma * gauss) - (sigma * sigma / 2))), Math.Max(1, meanTerms / 6), meanTerms * 3.0);
        var strengths = new Dictionary<int, double>(count);
        for (var tries = 0; strengths.Count < count && tries < count * 20; tries++)
        {
            var fromTopic = random.NextDouble() < _shape.TopicShare;
            var term = fromTopic ? topic[_inTopic.Draw(random)] : background.Draw(random);
            strengths.TryAdd(term, random.NextDouble() + (fromTopic ? 0.5 : 0));
        }

        var ranked = strengths.OrderByDescending(s => s.Value).Select(s => s.Key).ToArray();
        var weights = new float[ranked.Length];
        for (var i = 0; i < ranked.Length; i++)
        {
            var weight = ranked[i] < _shape.HeadTerms ? 0.2 + (0.1 * random.NextDouble()) : Math.Exp(-i / (decay * ranked.Length));
            weights[i] = (float)Math.Clamp(Math.Round(weight * _shape.LargestWeight), 1, _shape.LargestWeight);
        }

        Array.Sort(ranked, weights);
        return new SparseVector(row.ToString(CultureInfo.InvariantCulture), ranked, weights);
    }

    private static int[] Distinct(Random random, AliasTable table, int count)
    {
        var drawn = new HashSet<int>(count);
        while (drawn.Count < count)
        {
            drawn.Add(table.Draw(random));
        }

        return [.. drawn];
    }

    private int HashCode(int row, int kind)
    {
        var hash = ((ulong)(uint)_seed << 34) ^ ((ulong)(uint)row << 2) ^ (uint)kind;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return (int)(hash ^ (hash >> 31));
    }
}
