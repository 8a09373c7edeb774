using Splade.Encoding.Onnx;

namespace Splade.Encoding.Architectures;

/// <summary>Activation functions by the names that config.json files use (ACT2FN of the transformers library).</summary>
internal static class Activation
{
    /// <exception cref="ModelPackageException">The function is not known.</exception>
    public static string Apply(OnnxGraphBuilder graph, string values, ModelConfig config, string setting, string otherwise = "gelu")
    {
        return config.Text(setting, otherwise) switch
        {
            "gelu" or "gelu_python" => Gelu("none"),
            "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" or "gelu_python_tanh" or "gelu_accurate" => Gelu("tanh"),
            "gelu_10" => Clip(Gelu("none"), -10, 10),
            "quick_gelu" => graph.Node("Mul", [values, graph.Node("Sigmoid", [graph.Node("Mul", [values, graph.Constant(1.702f)])])]),
            "relu" => graph.Node("Relu", [values]),
            "relu2" => Square(graph.Node("Relu", [values])),
            "relu6" => Clip(values, 0, 6),
            "leaky_relu" => graph.Node("LeakyRelu", [values], [OnnxGraphBuilder.Attribute("alpha", 0.01f)]),
            "silu" or "swish" => graph.Node("Mul", [values, graph.Node("Sigmoid", [values])]),
            "mish" => graph.Node("Mul", [values, graph.Node("Tanh", [graph.Node("Softplus", [values])])]),
            "laplace" => Laplace(),
            "sigmoid" => graph.Node("Sigmoid", [values]),
            "tanh" => graph.Node("Tanh", [values]),
            "linear" => values,
            _ => throw config.Error(setting, "the activation function is not known"),
        };

        string Gelu(string approximate) => graph.Node("Gelu", [values], [OnnxGraphBuilder.Attribute("approximate", approximate)]);

        // arXiv 2209.10655, with the mean sqrt(1/2) and the deviation sqrt(1/(4 pi)) that the reference rounds to.
        string Laplace()
        {
            var standard = graph.Node("Div", [graph.Node("Sub", [values, graph.Constant(0.707107f)]), graph.Constant(0.282095f * MathF.Sqrt(2))]);
            return graph.Node("Mul", [graph.Node("Add", [graph.Node("Erf", [standard]), graph.Constant(1f)]), graph.Constant(0.5f)]);
        }

        string Square(string x) => graph.Node("Mul", [x, x]);

        string Clip(string x, float low, float high) => graph.Node("Clip", [x, graph.Constant(low), graph.Constant(high)]);
    }
}
