using Splade.Lexical;

namespace Splade.Training.Distillation;

/// <summary>Writes the package: the graph in int8, the vocabulary, the queries' table.</summary>
internal static class BagPackage
{
    public const string Type = "splade-bag";

    /// <summary>Between the weights of expansion terms and of a document's own: its longest passages have about 0.4 for a word that occurs once.</summary>
    private const float OwnWeight = 0.4f;

    private const string Description = "Sparse model with learned expansion: term statistics of stems, and pieces near the text's vector. Queries run without a model.";

    public static void Write(string folder, BagNetwork network, BagExpansion expansion, LexicalModel lexical)
    {
        var options = new LexicalModelOptions();
        LexicalPackage.Write(
            folder, lexical, BagGraph.Build(network, expansion, lexical.HasWeight, lexical.Languages, options, int8: true), Type, Description, options.MaxTokens, OwnWeight);
    }
}
