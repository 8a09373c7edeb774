using System.Collections;
using static TorchSharp.torch;

namespace Splade.Training.Networks;

/// <summary>
/// The parameters of a network under the names that they have in a Hugging Face checkpoint, in ordinal order. Owns its tensors.
/// </summary>
internal sealed class ParameterSet : IEnumerable<KeyValuePair<string, Tensor>>, IDisposable
{
    private readonly SortedDictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    public Tensor this[string name] => _tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new KeyNotFoundException($"The network has no parameter {name}.");

    /// <summary>Takes a tensor over; it is trained from now on.</summary>
    public Tensor Add(string name, Tensor tensor)
    {
        var parameter = tensor.detach().requires_grad_().DetachFromDisposeScope();
        _tensors.Add(name, parameter);
        return parameter;
    }

    public bool Has(string name) => _tensors.ContainsKey(name);

    public void ZeroGradients()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.grad = null;
        }
    }

    public long Count => _tensors.Values.Sum(t => t.numel());

    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
