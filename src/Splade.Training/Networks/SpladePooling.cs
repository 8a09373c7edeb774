using static TorchSharp.torch;

namespace Splade.Training.Networks;

internal enum PoolingKind
{
    /// <summary>Largest value over the positions (SPLADE v2 and later).</summary>
    Max,

    /// <summary>Sum over the positions (SPLADE v1).</summary>
    Sum,
}

/// <summary>
/// Logits over the vocabulary to one sparse vector: w_j = pool over positions i of m_i log(1 + ReLU(z_ij)), with the logarithm once or twice.
/// </summary>
/// <param name="DoubleLog">log(1 + log(1 + ReLU(z))), as OpenSearch's v3 models have it.</param>
internal sealed record SpladePooling(PoolingKind Kind = PoolingKind.Max, bool DoubleLog = false)
{
    // Columns of the vocabulary whose logits are in memory at one time while the maxima are looked for.
    private const int ChunkColumns = 4096;

    /// <param name="logits">[batch, sequence, vocabulary].</param>
    /// <param name="mask">[batch, sequence], bool.</param>
    /// <returns>[batch, vocabulary].</returns>
    public Tensor Pool(Tensor logits, Tensor mask)
    {
        var masked = logits * mask.unsqueeze(-1).to(logits.dtype);
        if (Kind == PoolingKind.Sum)
        {
            return Activate(masked).sum(1);
        }

        // The gradient of amax is shared by tied positions; through argmax it goes to the first one, and far faster.
        Tensor winners;
        using (no_grad())
        {
            winners = masked.argmax(1, keepdim: true);
        }

        return Activate(masked.gather(1, winners).squeeze(1));
    }

    /// <summary>
    /// The same from states and decoder, max pooling only: the logits are made chunk by chunk without a gradient to find the winning position of
    /// each column; then only columns with a positive maximum are computed with one. All others are 0 and have gradient 0 behind the ReLU.
    /// </summary>
    /// <param name="states">Transformed states, [batch, sequence, hidden].</param>
    /// <param name="decoder">[columns, hidden].</param>
    /// <param name="bias">[columns].</param>
    /// <returns>[batch, columns].</returns>
    public Tensor Project(Tensor states, Tensor mask, Tensor decoder, Tensor bias)
    {
        var (batch, length, hidden) = (states.shape[0], states.shape[1], states.shape[2]);
        Tensor rows, columns, positions;
        using (no_grad())
        {
            // Padding repeats the row's first real position, which changes no maximum, on whichever side it is.
            var first = mask.to(ScalarType.Int32).argmax(1);
            var filled = where(mask.unsqueeze(-1), states, states.gather(1, first.view(batch, 1, 1).expand(batch, 1, hidden))).reshape(batch * length, hidden);
            var hasText = mask.any(1, keepdim: true);
            var found = new List<Tensor>();
            var active = new List<Tensor>();
            for (long start = 0; start < decoder.shape[0]; start += ChunkColumns)
            {
                using var scope = NewDisposeScope();
                var count = Math.Min(ChunkColumns, decoder.shape[0] - start);
                var (values, index) = filled.matmul(decoder.narrow(0, start, count).t()).view(batch, length, count).max(1);
                found.Add(index.MoveToOuterDisposeScope());
                active.Add((values + bias.narrow(0, start, count)).gt(0).logical_and(hasText).MoveToOuterDisposeScope());
            }

            var places = cat([.. active], 1).nonzero();
            rows = places.select(1, 0);
            columns = places.select(1, 1);
            positions = cat([.. found], 1).view(-1).index_select(0, (rows * decoder.shape[0]) + columns);
            positions = where(mask.reshape(-1).index_select(0, (rows * length) + positions), positions, first.index_select(0, rows));
        }

        var winners = states.reshape(batch * length, hidden).index_select(0, (rows * length) + positions);
        var logits = (winners * decoder.index_select(0, columns)).sum(1) + bias.index_select(0, columns);
        return zeros([batch * decoder.shape[0]]).scatter(0, (rows * decoder.shape[0]) + columns, Activate(logits)).view(batch, decoder.shape[0]);
    }

    private Tensor Activate(Tensor x)
    {
        var activated = x.relu().log1p();
        return DoubleLog ? activated.log1p() : activated;
    }
}
