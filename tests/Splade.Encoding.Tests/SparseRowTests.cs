using CsCheck;

namespace Splade.Encoding.Tests;

public sealed class SparseRowTests
{
    [Fact]
    public void A_row_gives_its_positive_entries_in_order() =>
        Gen.Frequency((60, Gen.Const(0f)), (2, Gen.Const(-0f)), (2, Gen.Float[-1, 1])).Array[10, 300].Sample(row =>
        {
            var (indices, weights) = SparseRow.Read(row, 10, "model.onnx");
            indices.ShouldBe(Enumerable.Range(0, row.Length).Where(i => row[i] > 0));
            weights.ShouldBe(indices.Select(i => row[i]));
        });

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
        Should.Throw<ModelPackageException>(() => SparseRow.Read(row, 10, "model.onnx")).Message.ShouldContain($"[{place}]");
    }

    [Fact]
    public void A_row_shorter_than_the_vocabulary_is_an_error() =>
        Should.Throw<ModelPackageException>(() => SparseRow.Read(new float[9], 10, "model.onnx")).Message.ShouldContain("9 weights for the 10 pieces");
}
