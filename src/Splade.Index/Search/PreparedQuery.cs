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
    private PreparedQuery(Clause[] clauses) => Clauses = clauses;

    public Clause[] Clauses { get; }

    /// <exception cref="ArgumentException">A weight or a boost is negative or not finite.</exception>
    public static PreparedQuery Of(Query query) => query switch
    {
        SparseVectorQuery sparse => new PreparedQuery(Clause.Of(sparse, 1f)),
        SumQuery sum => new PreparedQuery([.. sum.Clauses.SelectMany(c => Clause.Of(c, CheckBoost(sum.Boost)))]),
        _ => throw new ArgumentException($"A {query.GetType().Name} has no vector.", nameof(query)),
    };

    public static float CheckBoost(float boost) =>
        boost >= 0f && !float.IsInfinity(boost)
            ? boost
            : throw new ArgumentException($"The boost must be finite and not negative, but is {boost}.", nameof(boost));

    /// <summary>A feature of a clause.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="start">Where the name is in <see cref="Clause.Names"/>.</param>
    /// <param name="length">Bytes of it there.</param>
    /// <param name="hash">Its hash in dictionaries.</param>
    /// <param name="weight">The weight as it was given.</param>
    internal struct Feature(string name, int start, int length, ulong hash, double weight)
    {
        public readonly string Name = name;
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
    internal sealed class Clause
    {
        private const int LargestWeight = ushort.MaxValue;
        private const double LargestSum = uint.MaxValue / 255.0;
        private const int MostSlotsOnStack = 4096;

        /// <summary>As many of the largest integer weights fit into one clause.</summary>
        private const int MostLargeWeights = (int)(LargestSum / LargestWeight);

        private Clause(string field, byte[] names, Feature[] features, double step, double boost)
        {
            Field = field;
            Names = names;
            Features = features;
            Step = step;
            Boost = boost;
        }

        public string Field { get; }

        /// <summary>The UTF-8 names of all features: one array, which costs less than one for each.</summary>
        public byte[] Names { get; }

        public Feature[] Features { get; }

        /// <summary>What 1 of the integer weights stands for, the boost multiplied in.</summary>
        public double Step { get; }

        /// <summary>That of the query times that of the sum it is in: more or less than a float may hold.</summary>
        public double Boost { get; }

        public static Clause[] Of(SparseVectorQuery query, float outerBoost)
        {
            var boost = (double)CheckBoost(query.Boost) * outerBoost;
            var features = Distinct(query, out var names);
            if (boost == 0 || features.Length == 0)
            {
                return [new Clause(query.Field, [], [], 1.0, boost)];
            }

            var (step, parts) = StepOf(features);
            foreach (ref var feature in features.AsSpan())
            {
                feature.Weight = (uint)Math.Max(1.0, Math.Round(feature.GivenWeight / step));
            }

            var size = (features.Length + parts - 1) / parts;
            return parts == 1
                ? [new Clause(query.Field, names, features, step * boost, boost)]
                : [.. features.Chunk(size).Select(part => new Clause(query.Field, names, part, step * boost, boost))];
        }

        /// <summary>The name of a feature.</summary>
        public ReadOnlySpan<byte> NameOf(in Feature feature) => Names.AsSpan(feature.Start, feature.Length);

        /// <summary>The features of weight above 0 without integer weights, each once with the sum of its weights. Found by their hashes, which searches need too.</summary>
        private static Feature[] Distinct(SparseVectorQuery query, out byte[] names)
        {
            names = new byte[MostBytes(query)];
            var end = 0;
            var features = new Feature[query.Features.Length];
            var slotCount = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * features.Length) + 1);
            var slots = slotCount <= MostSlotsOnStack ? stackalloc int[slotCount] : new int[slotCount];
            var count = 0;
            foreach (ref readonly var given in query.Features.AsSpan())
            {
                if (given.Weight == 0f)
                {
                    continue;
                }

                var length = Encoding.UTF8.GetBytes(given.Feature, names.AsSpan(end));
                var name = new ReadOnlySpan<byte>(names, end, length);
                var hash = FieldPostings.Hash(name);
                var slot = (int)hash & (slotCount - 1);
                while (slots[slot] > 0 && !IsNamed(features[slots[slot] - 1], names, name, hash))
                {
                    slot = (slot + 1) & (slotCount - 1);
                }

                if (slots[slot] == 0)
                {
                    features[count] = new Feature(given.Feature, end, length, hash, given.Weight);
                    slots[slot] = ++count;
                    end += length;
                }
                else
                {
                    features[slots[slot] - 1].GivenWeight += given.Weight;
                }
            }

            return count == features.Length ? features : features[..count];
        }

        private static bool IsNamed(in Feature feature, byte[] names, ReadOnlySpan<byte> name, ulong hash) =>
            feature.Hash == hash && names.AsSpan(feature.Start, feature.Length).SequenceEqual(name);

        /// <summary>
        /// Bytes that the names have at most, of checked weights. A pass of its own: names lie anywhere in memory, and this little loop waits for many at once.
        /// </summary>
        private static int MostBytes(SparseVectorQuery query)
        {
            const int BytesOfChar = 3;
            var length = 0L;
            foreach (ref readonly var given in query.Features.AsSpan())
            {
                if (!(given.Weight >= 0f) || float.IsInfinity(given.Weight))
                {
                    throw new ArgumentException($"The query weight of feature [{given.Feature}] must be finite and not negative, but is {given.Weight}.", nameof(query));
                }

                length += given.Feature.Length;
            }

            return checked((int)(length * BytesOfChar));
        }

        /// <summary>What 1 of the integer weights stands for, and over how many clauses the features are spread.</summary>
        private static (double Step, int Parts) StepOf(Feature[] features)
        {
            double sum = 0, largest = 0;
            var integers = true;
            foreach (ref readonly var feature in features.AsSpan())
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
    }
}
