using Splade.Training.Networks;
using static TorchSharp.torch;

namespace Splade.Training.Optimization;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019): p -= lr wd p, then the bias-corrected Adam step. Its state is two tensors a parameter, kept by name so
/// that a checkpoint is an ordinary safetensors file.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private readonly double _beta1;
    private readonly double _beta2;
    private readonly double _epsilon;
    private readonly ParameterSet _parameters;
    private readonly IReadOnlyList<ParameterGroup> _groups;
    private readonly SortedDictionary<string, (Tensor Mean, Tensor Square)> _state = new(StringComparer.Ordinal);

    public AdamW(ParameterSet parameters, IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    {
        (_parameters, _groups, _beta1, _beta2, _epsilon) = (parameters, groups, beta1, beta2, epsilon);
        foreach (var name in groups.SelectMany(g => g.Names))
        {
            _state.Add(name, (zeros_like(parameters[name]).DetachFromDisposeScope(), zeros_like(parameters[name]).DetachFromDisposeScope()));
        }
    }

    /// <summary>Steps taken.</summary>
    public int Steps { get; set; }

    /// <summary>Moments by name, <c>mean.</c> and <c>square.</c> before the parameter's, for a checkpoint.</summary>
    public IEnumerable<(string Name, Tensor Value)> State =>
        _state.SelectMany(s => new[] { ("mean." + s.Key, s.Value.Mean), ("square." + s.Key, s.Value.Square) });

    /// <param name="rateShare">Share of each group's learning rate in this step.</param>
    public void Step(double rateShare)
    {
        Steps++;
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var correction1 = 1 - Math.Pow(_beta1, Steps);
        var correction2 = Math.Sqrt(1 - Math.Pow(_beta2, Steps));
        foreach (var group in _groups)
        {
            var rate = group.LearningRate * rateShare;
            foreach (var name in group.Names)
            {
                var parameter = _parameters[name];
                if (parameter.grad is not { } gradient)
                {
                    continue;
                }

                var (mean, square) = _state[name];
                if (group.WeightDecay != 0)
                {
                    parameter.mul_(1 - (rate * group.WeightDecay));
                }

                mean.mul_(_beta1).add_(gradient, 1 - _beta1);
                square.mul_(_beta2).addcmul_(gradient, gradient, 1 - _beta2);
                parameter.addcdiv_(mean, square.sqrt().div_(correction2).add_(_epsilon), -rate / correction1);
            }
        }
    }

    public void Dispose()
    {
        foreach (var (mean, square) in _state.Values)
        {
            mean.Dispose();
            square.Dispose();
        }
    }
}
