using Splade.Encoding.Onnx;
using Splade.Lexical;

namespace Splade.Training.Distillation;

/// <summary>Writes the package: the graph in int8, the vocabulary, the queries' table.</summary>
internal static class BagPackage
{
    public const string Type = "splade-bag";
    private const string Description = "Sparse model with learned expansion: term statistics of stems, and pieces near the text's vector. Queries run without a model.";

    public static void Write(string folder, BagNetwork network, BagExpansion expansion, LexicalModel lexical)
    {
        var options = new LexicalModelOptions();
        var model = ModelProto.Parser.ParseFrom(BagGraph.Build(network, expansion, lexical.HasWeight, lexical.Languages, options));
        new Int8Quantizer(model, Path.Combine(folder, "onnx", "model.onnx")).Quantize();
        LexicalPackage.Write(folder, lexical, Google.Protobuf.MessageExtensions.ToByteArray(model), Type, Description, options.MaxTokens);
    }
}
