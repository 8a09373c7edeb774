using System.Collections.Immutable;

namespace Splade.Index.Tests;

/// <summary>Documents in topics, with frequent and rare terms, so that every kind of list and of bound is used.</summary>
internal sealed class RandomCorpus(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Distinct weights; few make many ties.</summary>
    public int Weights { get; init; } = 200;

    /// <summary>Some documents have weights so large that they count in coarser steps.</summary>
    public bool Scales { get; init; }

    /// <summary>One document in 4,000 has weights so many times as large.</summary>
    public float FarLarger { get; init; } = 1;

    public int Vocabulary { get; init; } = 400;

    public int Topics { get; init; } = 12;

    public string[] Fields { get; init; } = ["f"];

    public IndexDocument Document(int number)
    {
        var topic = _random.Next(Topics);
        var scale = number % 4000 == 17 ? FarLarger : 1;
        return new IndexDocument(
            $"d{number:d6}", 1, number, ReadOnlyMemory<byte>.Empty,
            [.. Fields.Where((_, i) => i == 0 || _random.Next(4) > 0).Select(f => new SparseField(f, Vector(_random.Next(30) == 0 ? 1 : _random.Next(2, 16), topic, scale)))]);
    }

    public SparseVectorQuery Query(string field, int terms)
    {
        var topic = _random.Next(Topics);
        return new SparseVectorQuery(field, Features(terms, topic, () => _random.Next(3) == 0 ? _random.Next(1, 40) : (float)(_random.NextDouble() * 3) + 0.01f), _random.Next(1, 3));
    }

    private ImmutableArray<FeatureWeight> Vector(int terms, int topic, float scale)
    {
        scale *= Scales && _random.Next(20) == 0 ? 64f : 1f;
        return Features(terms, topic, () => scale * _random.Next(1, Weights + 1) / 64f);
    }

    private ImmutableArray<FeatureWeight> Features(int terms, int topic, Func<float> weight)
    {
        var features = new Dictionary<string, float>();
        for (var i = 0; i < terms; i++)
        {
            // A third are frequent terms, a third belong to the topic, the rest is anything, ever rarer.
            var term = (i % 3) switch
            {
                0 => _random.Next(8),
                1 => 8 + ((topic * 17) + _random.Next(17)) % Vocabulary,
                _ => (int)(Vocabulary * Math.Pow(_random.NextDouble(), 4)),
            };
            features[$"t{term}"] = weight();
        }

        return [.. features.Select(f => new FeatureWeight(f.Key, f.Value))];
    }
}
