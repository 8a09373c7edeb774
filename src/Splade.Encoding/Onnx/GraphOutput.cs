namespace Splade.Encoding.Onnx;

/// <summary>The forms in which a graph gives its answer.</summary>
internal enum OutputForm
{
    /// <summary>One float vector a text: [batch, vocabulary], or [batch, dimensions] of a dense model.</summary>
    Vector = 0,

    /// <summary>Weights of each text and their indices, both [batch, k]: the k largest, or all where k varies.</summary>
    TopK = 1,

    /// <summary>The weights above 0 of one text and their indices, both [n] (Anserini's export); texts go one at a time.</summary>
    Pairs = 2,
}

/// <summary>Which outputs of a graph are the answer.</summary>
/// <param name="Values">Name of the output with the vector or the weights.</param>
/// <param name="Indices">Name of the output with the indices; null for <see cref="OutputForm.Vector"/>.</param>
internal sealed record GraphOutput(OutputForm Form, string Values, string? Indices = null);
