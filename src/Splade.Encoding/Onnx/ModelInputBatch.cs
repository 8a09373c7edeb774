using System.Buffers;

namespace Splade.Encoding.Onnx;

/// <summary>The input tensors of one inference, [batch, length] of int64, in pooled memory: ids padded on the right, and the mask of what is no padding.</summary>
internal sealed class ModelInputBatch : IDisposable
{
    private readonly long[] _ids;
    private readonly long[] _mask;

    public ModelInputBatch(int batch, int length, int paddingId)
    {
        Batch = batch;
        Length = length;
        _ids = ArrayPool<long>.Shared.Rent(batch * length);
        _mask = ArrayPool<long>.Shared.Rent(batch * length);
        _ids.AsSpan(0, batch * length).Fill(paddingId);
        _mask.AsSpan(0, batch * length).Clear();
    }

    public int Batch { get; }

    public int Length { get; }

    /// <summary>Ids that are no padding.</summary>
    public int Tokens { get; private set; }

    public long[] Shape => [Batch, Length];

    public Memory<long> Ids => _ids.AsMemory(0, Batch * Length);

    /// <summary>1 for a token, 0 for padding.</summary>
    public Memory<long> Mask => _mask.AsMemory(0, Batch * Length);

    public void Fill(int row, ReadOnlySpan<long> ids)
    {
        ids.CopyTo(_ids.AsSpan(row * Length, Length));
        _mask.AsSpan(row * Length, ids.Length).Fill(1);
        Tokens += ids.Length;
    }

    public void Dispose()
    {
        ArrayPool<long>.Shared.Return(_ids);
        ArrayPool<long>.Shared.Return(_mask);
    }
}
