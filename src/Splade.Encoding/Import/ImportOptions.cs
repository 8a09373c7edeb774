namespace Splade.Encoding.Import;

/// <summary>What <c>splade model import</c> is asked to do.</summary>
/// <param name="Name">Name of the model; null for that of the folder.</param>
/// <param name="Int8">Quantise the weights to eight bits.</param>
/// <param name="Force">Replace a model of that name.</param>
public sealed record ImportOptions(string? Name = null, bool Int8 = false, bool Force = false);
