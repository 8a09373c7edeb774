using Splade.Training.Networks;
using static TorchSharp.torch;

namespace Splade.Training.Optimization;

internal static class GradientClipping
{
    /// <summary>Scales all gradients by min(1, maximum / (norm + 1e-6)).</summary>
    /// <param name="maximum">Null: only measures.</param>
    /// <returns>The norm (L2 over all gradients) before.</returns>
    public static double Clip(ParameterSet parameters, double? maximum)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var gradients = parameters.Select(p => p.Value.grad).OfType<Tensor>().ToArray();
        var norm = stack([.. gradients.Select(g => g.norm())]).norm().item<float>();
        if (maximum is { } limit && limit < norm + 1e-6)
        {
            foreach (var gradient in gradients)
            {
                gradient.mul_(limit / (norm + 1e-6));
            }
        }

        return norm;
    }
}
