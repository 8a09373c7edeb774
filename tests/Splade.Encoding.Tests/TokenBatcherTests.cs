using CsCheck;
using Splade.Encoding.Batching;

namespace Splade.Encoding.Tests;

public sealed class TokenBatcherTests
{
    [Fact]
    public void Every_text_is_in_one_batch_and_no_batch_is_over_its_volume() =>
        Gen.Select(Gen.Int[2, 512].Array[0, 200], Gen.Int[1, 5000], Gen.Int[1, 40]).Sample((lengths, tokens, texts) =>
        {
            var batches = TokenBatcher.Batches(lengths, tokens, texts).ToArray();
            batches.SelectMany(b => b).Order().ShouldBe(Enumerable.Range(0, lengths.Length));
            foreach (var batch in batches)
            {
                batch.Length.ShouldBeInRange(1, texts);
                (batch.Length == 1 || batch.Length * batch.Max(i => lengths[i]) <= tokens).ShouldBeTrue();
            }

            // Sorted by length, so that texts of one batch are neighbours in length.
            var inOrder = batches.SelectMany(b => b).Select(i => lengths[i]).ToArray();
            inOrder.ShouldBe(inOrder.Order());
        });
}
