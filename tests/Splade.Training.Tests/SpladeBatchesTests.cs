using Splade.Encoding.Tokenizing;
using Splade.Training.Data;
using Splade.Training.Steps;

namespace Splade.Training.Tests;

/// <summary>Which negatives a batch takes. Queries and documents are one word each, so that an id says which text it is.</summary>
[Collection(TorchTests.Name)]
public sealed class SpladeBatchesTests
{
    private const int Count = 12;
    private static readonly string[] Words = [.. Enumerable.Range(0, Count).SelectMany(i => new[] { $"ask{Letter(i)}", $"right{Letter(i)}", $"second{Letter(i)}", $"wrong{Letter(i)}" })];
    private static readonly WordPieceTokenizer Tokenizer = new(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words], new WordPieceOptions());

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void No_negative_answers_another_query_of_the_batch(int negatives)
    {
        // Every row's hard negatives are the answers of all other queries, and one document that answers none.
        var examples = Enumerable.Range(0, Count).SelectMany(i => new[] { Example(i, "right"), Example(i, "second") }).ToArray();
        var options = new TrainOptions { Batch = 3, Negatives = negatives, Seed = 1 };
        var batches = new SpladeBatches(examples, Tokenizer, options, hasLabels: false);
        for (var step = 0; step < 20; step++)
        {
            var batch = batches.Step(step).Single();
            var answers = Texts(batch, 0).SelectMany(t => new[] { "right" + t[^1], "second" + t[^1] }).ToHashSet();
            for (var column = 1; column <= negatives; column++)
            {
                Texts(batch, column).ShouldNotContain(t => answers.Contains(t), $"step {step}");
            }
        }

        static TrainingExample Example(int i, string kind) => new(
            $"ask{Letter(i)}", kind + Letter(i),
            [.. Enumerable.Range(0, Count).Where(j => j != i).SelectMany(j => new[] { "right" + Letter(j), "second" + Letter(j) }), "wrong" + Letter(i)]);
    }

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.5, true)]
    public void With_a_teacher_every_negative_keeps_its_score_and_answers_come_last_where_they_would_count_as_wrong(double inBatchWeight, bool areLast)
    {
        // Two negatives a row: an answer of the other rows, which is in every batch, and a wrong one.
        var examples = Enumerable.Range(0, 2).Select(i => new TrainingExample(
            $"ask{Letter(i)}", "right" + Letter(i), ["right" + Letter(1 - i), "wrong" + Letter(i)], [10 + i, 20 + i, 30 + i])).ToArray();
        var options = new TrainOptions { Batch = 2, Negatives = 1, Seed = 1, Loss = LossKind.Kl, InBatchWeight = inBatchWeight };
        var batches = new SpladeBatches(examples, Tokenizer, options, hasLabels: true);
        var seen = new HashSet<string>();
        for (var step = 0; step < 40; step++)
        {
            var batch = batches.Step(step).Single();
            var (positives, negatives) = (Texts(batch, 0), Texts(batch, 1));
            var labels = batch.Labels!.data<float>().ToArray();
            for (var row = 0; row < 2; row++)
            {
                var i = positives[row][^1] - 'a';
                labels[2 * row].ShouldBe(10 + i);
                labels[(2 * row) + 1].ShouldBe((negatives[row].StartsWith("wrong", StringComparison.Ordinal) ? 30 : 20) + i);
                seen.Add(negatives[row][..5]);
            }
        }

        seen.ShouldBe(areLast ? ["wrong"] : ["wrong", "right"], ignoreOrder: true);
    }

    private static string[] Texts(SpladeBatch batch, int column) =>
        [.. batch.Documents[column].Ids.data<long>().Where(id => !Tokenizer.SpecialIds.Contains((int)id)).Select(id => Tokenizer.Piece((int)id))];

    private static char Letter(int i) => (char)('a' + i);
}
