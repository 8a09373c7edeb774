namespace Splade.Encoding;

/// <summary>The use of a sparse model: until it is disposed the encoder stays loaded, even when its package is replaced or removed meanwhile.</summary>
public sealed class ModelUse : IDisposable
{
    private readonly LoadedModel<ISparseEncoder> _model;
    private int _disposed;

    internal ModelUse(LoadedModel<ISparseEncoder> model) => _model = model;

    public ISparseEncoder Encoder => _model.Encoder;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _model.Release();
        }
    }
}
