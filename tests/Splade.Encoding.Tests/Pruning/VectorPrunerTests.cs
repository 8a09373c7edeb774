using CsCheck;
using Splade.Encoding.Pruning;

namespace Splade.Encoding.Tests.Pruning;

public sealed class VectorPrunerTests
{
    // Few distinct weights, so that ties are common.
    private static readonly Gen<(int[] Indices, float[] Weights)> Vectors = Gen.Int[1, 40].Array[0, 60].Select(w =>
        (Enumerable.Range(0, w.Length).Select(i => i * 3).ToArray(), w.Select(x => x / 8f).ToArray()));

    [Fact]
    public void Top_k_keeps_the_largest_and_of_equal_ones_the_smallest_ids() =>
        Gen.Select(Vectors, Gen.Int[1, 70]).Sample((vector, k) => Check(
            vector, new PruneSettings(PruneType.TopK, k), Sorted(vector).Take(k)));

    [Fact]
    public void Max_ratio_keeps_what_is_at_least_a_share_of_the_largest() =>
        Gen.Select(Vectors, Gen.Int[0, 99]).Sample((vector, percent) => Check(
            vector,
            new PruneSettings(PruneType.MaxRatio, percent / 100f),
            Sorted(vector).Where(e => e.Weight >= percent / 100f * vector.Weights.Max())));

    [Fact]
    public void Abs_value_keeps_what_is_at_least_the_value() =>
        Gen.Select(Vectors, Gen.Int[1, 50]).Sample((vector, eighths) => Check(
            vector, new PruneSettings(PruneType.AbsValue, eighths / 8f), Sorted(vector).Where(e => e.Weight >= eighths / 8f)));

    [Fact]
    public void Alpha_mass_keeps_the_fewest_that_have_the_share_of_the_sum() =>
        Gen.Select(Vectors, Gen.Int[1, 64]).Sample((vector, part) =>
        {
            // Weights are eighths and the share is a power of two's multiple, so all sums are exact.
            var share = part / 64f;
            var total = vector.Weights.Sum(w => (double)w);
            var kept = new List<(int, float)>();
            var mass = 0d;
            foreach (var entry in Sorted(vector).TakeWhile(_ => mass < share * total))
            {
                kept.Add(entry);
                mass += entry.Weight;
            }

            Check(vector, new PruneSettings(PruneType.AlphaMass, share), kept);
        });

    [Theory]
    [InlineData("top_k", 0.5, "prune_ratio] of [0.5")]
    [InlineData("top_k", 0.0, "whole number")]
    [InlineData("max_ratio", 1.0, "less than 1")]
    [InlineData("alpha_mass", 0.0, "above 0")]
    [InlineData("alpha_mass", 1.5, "not above 1")]
    [InlineData("abs_value", -1.0, "above 0")]
    [InlineData("none", 1.0, "no meaning")]
    [InlineData("nonsense", 1.0, "top_k, max_ratio, alpha_mass, abs_value")]
    public void Settings_that_do_not_work_are_refused_by_name(string type, double ratio, string said) =>
        Should.Throw<FormatException>(() => PruneSettings.Parse(type, ratio)).Message.ShouldContain(said);

    [Fact]
    public void Settings_read_back_as_they_are_named()
    {
        PruneSettings.Parse("max_ratio", 0.1).ShouldBe(new PruneSettings(PruneType.MaxRatio, 0.1f));
        PruneSettings.Parse("max_ratio", 0.1)!.TypeName.ShouldBe("max_ratio");
        PruneSettings.Parse(null, null).ShouldBeNull();
        Should.Throw<FormatException>(() => PruneSettings.Parse("top_k", null)).Message.ShouldContain("[prune_ratio]");
        Should.Throw<FormatException>(() => PruneSettings.Parse(null, 3, "query_")).Message.ShouldContain("[query_prune_type]");
    }

    private static IEnumerable<(int Id, float Weight)> Sorted((int[] Indices, float[] Weights) vector) =>
        vector.Indices.Zip(vector.Weights).OrderByDescending(e => e.Second).ThenBy(e => e.First);

    private static void Check((int[] Indices, float[] Weights) vector, PruneSettings settings, IEnumerable<(int Id, float Weight)> expected)
    {
        var (indices, weights) = VectorPruner.Prune(vector.Indices, vector.Weights, settings);
        indices.Zip(weights).ShouldBe(expected.OrderBy(e => e.Id));
        VectorPruner.Prune(vector.Indices, vector.Weights, PruneSettings.None).ShouldBe((vector.Indices, vector.Weights));
    }
}
