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

    /// <param name="Utf8">The feature's name.</param>
    /// <param name="Hash">Its hash in dictionaries.</param>
    /// <param name="Name">The same as text.</param>
    /// <param name="Weight">Integer weight, in steps of the clause.</param>
    /// <param name="GivenWeight">The weight as it was given, or the sum of those that were: more than a float may hold.</param>
    internal readonly record struct Feature(byte[] Utf8, ulong Hash, string Name, uint Weight, double GivenWeight);

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

        private Clause(string field, Feature[] features, double step, double boost)
        {
            Field = field;
            Features = features;
            Step = step;
            Boost = boost;
        }

        public string Field { get; }

        public Feature[] Features { get; }

        /// <summary>What 1 of the integer weights stands for, the boost multiplied in.</summary>
        public double Step { get; }

        /// <summary>That of the query times that of the sum it is in: more or less than a float may hold.</summary>
        public double Boost { get; }

        public static Clause[] Of(SparseVectorQuery query, float outerBoost)
        {
            var boost = (double)CheckBoost(query.Boost) * outerBoost;
            var features = Distinct(query);
            if (boost == 0 || features.Length == 0)
            {
                return [new Clause(query.Field, [], 1.0, boost)];
            }

            var (step, parts) = StepOf(features);
            foreach (ref var feature in features.AsSpan())
            {
                feature = feature with { Weight = (uint)Math.Max(1.0, Math.Round(feature.GivenWeight / step)) };
            }

            var size = (features.Length + parts - 1) / parts;
            return parts == 1
                ? [new Clause(query.Field, features, step * boost, boost)]
                : [.. features.Chunk(size).Select(part => new Clause(query.Field, part, step * boost, boost))];
        }

        /// <summary>The features of weight above 0 without integer weights, each once with the sum of its weights. Found by their hashes, which searches need too.</summary>
        private static Feature[] Distinct(SparseVectorQuery query)
        {
            var features = new Feature[query.Features.Length];
            var slotCount = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * features.Length) + 1);
            var slots = slotCount <= MostSlotsOnStack ? stackalloc int[slotCount] : new int[slotCount];
            var count = 0;
            foreach (var (name, weight) in query.Features)
            {
                if (!(weight >= 0f) || float.IsInfinity(weight))
                {
                    throw new ArgumentException($"The query weight of feature [{name}] must be finite and not negative, but is {weight}.", nameof(query));
                }

                if (weight == 0f)
                {
                    continue;
                }

                var utf8 = Encoding.UTF8.GetBytes(name);
                var hash = FieldPostings.Hash(utf8);
                var slot = (int)hash & (slotCount - 1);
                while (slots[slot] > 0 && !features[slots[slot] - 1].Utf8.AsSpan().SequenceEqual(utf8))
                {
                    slot = (slot + 1) & (slotCount - 1);
                }

                if (slots[slot] == 0)
                {
                    features[count] = new Feature(utf8, hash, name, 0, weight);
                    slots[slot] = ++count;
                }
                else
                {
                    ref var feature = ref features[slots[slot] - 1];
                    feature = feature with { GivenWeight = feature.GivenWeight + weight };
                }
            }

            return count == features.Length ? features : features[..count];
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
