using CsCheck;
using Splade.Encoding.Onnx;

namespace Splade.Encoding.Tests;

public sealed class SparseRowTests
{
    [Fact]
    public void A_row_gives_its_positive_entries_in_order() =>
        Gen.Frequency((60, Gen.Const(0f)), (2, Gen.Const(-0f)), (2, Gen.Float[-1, 1])).Array[10, 300].Sample(row =>
        {
            var (indices, weights) = SparseRow.Read(new ModelRow(row), 10, "model.onnx");
            indices.ShouldBe(Enumerable.Range(0, row.Length).Where(i => row[i] > 0));
            weights.ShouldBe(indices.Select(i => row[i]));
        });

    [Fact]
    public void Weights_with_their_indices_are_the_same_entries_in_order_and_the_largest_where_one_occurs_again() =>
        Gen.Select(Gen.Int[0, 299], Gen.Frequency((1, Gen.Const(0f)), (4, Gen.Float[-1, 1]))).Array[0, 400].Sample(pairs =>
        {
            float[] weights = [.. pairs.Select(p => p.Item2)];
            long[] indices = [.. pairs.Select(p => (long)p.Item1)];
            var row = new ModelRow(weights, indices);
            var expected = pairs.Where(p => p.Item2 > 0).GroupBy(p => p.Item1, p => p.Item2).OrderBy(g => g.Key).ToArray();
            var read = SparseRow.Read(row, 300, "model.onnx");
            read.Indices.ShouldBe(expected.Select(g => g.Key));
            read.Weights.ShouldBe(expected.Select(g => g.Max()));
            var vector = Enumerable.Repeat(7f, 300).ToArray();
            row.Spread(vector, "model.onnx");
            vector.ShouldBe(Enumerable.Range(0, 300).Select(i => expected.FirstOrDefault(g => g.Key == i)?.Max() ?? 0f));
        });

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    [InlineData(1L << 32)]
    public void An_index_outside_of_the_vocabulary_is_an_error(long index)
    {
        Should.Throw<ModelPackageException>(() => SparseRow.Read(new ModelRow([1f, 0f], [3, index]), 10, "model.onnx")).Message.ShouldContain($"piece {index} of a vocabulary of 10");
        Should.Throw<ModelPackageException>(() => new ModelRow([1f, 0f], [3, index]).Spread(new float[10], "model.onnx"));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_weight_with_an_index_that_is_no_number_is_an_error(float weight) =>
        Should.Throw<ModelPackageException>(() => SparseRow.Read(new ModelRow([1f, weight], [3, 3]), 10, "model.onnx")).Message.ShouldContain("[3]");

    [Theory]
    [InlineData(float.NaN, 3)]
    [InlineData(float.NaN, 31)]
    [InlineData(float.NaN, 66)]
    [InlineData(float.NaN, 69)]
    [InlineData(float.PositiveInfinity, 3)]
    public void A_weight_that_is_no_number_is_an_error_not_a_zero(float weight, int place)
    {
        var row = new float[70];
        row[place] = weight;
        Should.Throw<ModelPackageException>(() => SparseRow.Read(new ModelRow(row), 10, "model.onnx")).Message.ShouldContain($"[{place}]");
    }

    [Fact]
    public void A_row_shorter_than_the_vocabulary_is_an_error() =>
        Should.Throw<ModelPackageException>(() => SparseRow.Read(new ModelRow(new float[9]), 10, "model.onnx")).Message.ShouldContain("9 weights for the 10 pieces");
}
