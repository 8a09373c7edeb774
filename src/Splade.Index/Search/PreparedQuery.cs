using System.Numerics;
using System.Text;
using Splade.Index.Segments;

namespace Splade.Index.Search;

/// <summary>
/// A query ready for any segment: weighted clauses, each over one field. What it does to weights depends on the query alone, so that a document scores
/// the same in any segment and shard.
/// </summary>
internal sealed class PreparedQuery
{
    private const int LargestWeight = ushort.MaxValue;
    private const double LargestSum = uint.MaxValue / 255.0;

    /// <summary>As many of the largest integer weights fit into one clause.</summary>
    private const int MostLargeWeights = (int)(LargestSum / LargestWeight);

    /// <summary>A thread keeps the memory of a query of so many features and bytes of names, not that of a larger one.</summary>
    private const int MostFeaturesKept = 1 << 15;
    private const int MostBytesKept = 1 << 22;

    [ThreadStatic]
    private static PreparedQuery? _instance;

    private Clause[] _clauses = new Clause[1];
    private int _clauseCount;
    private Feature[] _features = [];
    private int _featureCount;
    private byte[] _names = [];
    private int _nameEnd;
    private int[] _slots = [];

    private PreparedQuery()
    {
    }

    public ReadOnlySpan<Clause> Clauses => _clauses.AsSpan(0, _clauseCount);

    /// <exception cref="ArgumentException">A weight or a boost is negative or not finite, or something is not set.</exception>
    public static PreparedQuery Of(Query query)
    {
        var prepared = new PreparedQuery();
        prepared.Prepare(query);
        return prepared;
    }

    /// <summary>The same in memory of the thread, which its next query takes.</summary>
    /// <exception cref="ArgumentException">A weight or a boost is negative or not finite, or something is not set.</exception>
    public static PreparedQuery OfThread(Query query)
    {
        if (_instance is null || _instance._features.Length > MostFeaturesKept || _instance._names.Length > MostBytesKept)
        {
            _instance = new PreparedQuery();
        }

        _instance.Prepare(query);
        return _instance;
    }

    public static float CheckBoost(float boost) =>
        boost >= 0f && !float.IsInfinity(boost)
            ? boost
            : throw new ArgumentException($"The boost must be finite and not negative, but is {boost}.", nameof(boost));

    /// <summary>The features of a clause, each once.</summary>
    public ReadOnlySpan<Feature> FeaturesOf(in Clause clause) => _features.AsSpan(clause.First, clause.Count);

    /// <summary>The name of a feature in UTF-8.</summary>
    public ReadOnlySpan<byte> NameOf(in Feature feature) => _names.AsSpan(feature.Start, feature.Length);

    private void Prepare(Query query)
    {
        (_clauseCount, _featureCount, _nameEnd) = (0, 0, 0);
        switch (query)
        {
            case SparseVectorQuery sparse:
                Add(sparse, 1f);
                break;
            case SumQuery sum:
                if (sum.Clauses.IsDefault)
                {
                    throw new ArgumentException("The clauses of the query are not set: give an empty array for none.", nameof(query));
                }

                foreach (var clause in sum.Clauses)
                {
                    Add(clause ?? throw new ArgumentException("A clause of the query is null.", nameof(query)), CheckBoost(sum.Boost));
                }

                break;
            default:
                throw new ArgumentException($"A {query.GetType().Name} has no vector.", nameof(query));
        }
    }

    private void Add(SparseVectorQuery query, float outerBoost)
    {
        var boost = (double)CheckBoost(query.Boost) * outerBoost;
        var first = _featureCount;
        AddDistinct(query);
        if (boost == 0 || _featureCount == first)
        {
            _featureCount = first;
            Add(new Clause(query.Field, first, 0, 1.0));
            return;
        }

        var features = _features.AsSpan(first, _featureCount - first);
        var (step, parts) = StepOf(features);
        foreach (ref var feature in features)
        {
            feature.Weight = (uint)Math.Max(1.0, Math.Round(feature.GivenWeight / step));
        }

        var size = (features.Length + parts - 1) / parts;
        for (var start = 0; start < features.Length; start += size)
        {
            Add(new Clause(query.Field, first + start, Math.Min(size, features.Length - start), step * boost));
        }
    }

    private void Add(in Clause clause)
    {
        if (_clauseCount == _clauses.Length)
        {
            Array.Resize(ref _clauses, _clauseCount * 2);
        }

        _clauses[_clauseCount++] = clause;
    }

    /// <summary>The features of weight above 0 without integer weights, each once with the sum of its weights. Found by their hashes, which searches need too.</summary>
    private void AddDistinct(SparseVectorQuery query)
    {
        Grow(ref _names, _nameEnd + MostBytes(query), MostBytesKept);
        Grow(ref _features, _featureCount + query.Features.Length, MostFeaturesKept);
        var features = _features.AsSpan(_featureCount);
        var slotCount = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * query.Features.Length) + 1);
        Grow(ref _slots, slotCount, slotCount);
        var slots = _slots.AsSpan(0, slotCount);
        slots.Clear();
        var count = 0;
        foreach (ref readonly var given in query.Features.AsSpan())
        {
            if (given.Weight == 0f)
            {
                continue;
            }

            var length = Encoding.UTF8.GetBytes(given.Feature, _names.AsSpan(_nameEnd));
            var name = new ReadOnlySpan<byte>(_names, _nameEnd, length);
            var hash = FieldPostings.Hash(name);
            var slot = (int)hash & (slotCount - 1);
            while (slots[slot] > 0 && !IsNamed(features[slots[slot] - 1], name, hash))
            {
                slot = (slot + 1) & (slotCount - 1);
            }

            if (slots[slot] == 0)
            {
                features[count] = new Feature(_nameEnd, length, hash, given.Weight);
                slots[slot] = ++count;
                _nameEnd += length;
            }
            else
            {
                features[slots[slot] - 1].GivenWeight += given.Weight;
            }
        }

        _featureCount += count;
    }

    private bool IsNamed(in Feature feature, ReadOnlySpan<byte> name, ulong hash) => feature.Hash == hash && NameOf(feature).SequenceEqual(name);

    /// <summary>Makes room, and more than that up to what is kept: else a query for which there is room would be the last.</summary>
    private static void Grow<T>(ref T[] array, int length, int mostKept)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, Math.Max(length, Math.Min(2 * array.Length, mostKept)));
        }
    }

    /// <summary>
    /// Bytes that the names have at most, of checked weights. A pass of its own: names lie anywhere in memory, and this little loop waits for many at once.
    /// </summary>
    private static int MostBytes(SparseVectorQuery query)
    {
        const int BytesOfChar = 3;
        var length = 0L;
        if (query.Field is null)
        {
            throw new ArgumentException("A clause of the query names no field.", nameof(query));
        }

        if (query.Features.IsDefault)
        {
            throw new ArgumentException($"The features of the query on field [{query.Field}] are not set: give an empty array for none.", nameof(query));
        }

        foreach (ref readonly var given in query.Features.AsSpan())
        {
            if (!(given.Weight >= 0f) || float.IsInfinity(given.Weight))
            {
                throw new ArgumentException($"The query weight of feature [{given.Feature}] must be finite and not negative, but is {given.Weight}.", nameof(query));
            }

            length += given.Feature?.Length ?? throw new ArgumentException($"A feature of the query on field [{query.Field}] is null.", nameof(query));
        }

        return checked((int)(length * BytesOfChar));
    }

    /// <summary>What 1 of the integer weights stands for, and over how many clauses the features are spread.</summary>
    private static (double Step, int Parts) StepOf(ReadOnlySpan<Feature> features)
    {
        double sum = 0, largest = 0;
        var integers = true;
        foreach (ref readonly var feature in features)
        {
            var weight = feature.GivenWeight;
            sum += weight;
            largest = Math.Max(largest, weight);
            integers &= weight == Math.Floor(weight);
        }

        // Rounding adds up to 1 a weight.
        var room = LargestSum - features.Length;
        if (integers && largest <= LargestWeight)
        {
            return (1.0, sum <= room ? 1 : (features.Length + MostLargeWeights - 1) / MostLargeWeights);
        }

        return (Math.Max(largest / LargestWeight, sum / room), 1);
    }

    /// <summary>A feature of a clause.</summary>
    /// <param name="start">Where its name is.</param>
    /// <param name="length">Bytes of it there.</param>
    /// <param name="hash">Its hash in dictionaries.</param>
    /// <param name="weight">The weight as it was given.</param>
    internal struct Feature(int start, int length, ulong hash, double weight)
    {
        public readonly ulong Hash = hash;
        public readonly int Start = start;
        public readonly int Length = length;

        /// <summary>The weight as it was given, or the sum of those that were: more than a float may hold.</summary>
        public double GivenWeight = weight;

        /// <summary>Integer weight, in steps of the clause.</summary>
        public uint Weight;
    }

    /// <summary>
    /// The dot product with one field, or a part of it. Query weights become integers, of at most 16 bits and so few that no sum of products with 8-bit impacts
    /// exceeds 32 bits; integers up to 65,535 stay as they are, in several clauses where they do not fit into one.
    /// </summary>
    /// <param name="Field">Which field.</param>
    /// <param name="First">The first of its features.</param>
    /// <param name="Count">How many they are.</param>
    /// <param name="Step">What 1 of the integer weights stands for, the boosts multiplied in.</param>
    internal readonly record struct Clause(string Field, int First, int Count, double Step);
}
