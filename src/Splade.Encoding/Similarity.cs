namespace Splade.Encoding;

/// <summary>How two vectors of a model are compared (<c>similarity_fn_name</c> of sentence-transformers).</summary>
public enum Similarity
{
    /// <summary>The sum of products, which is what SPLADE models are trained for.</summary>
    Dot = 0,

    /// <summary>The sum of products of vectors of length 1. An encoder gives them as the model does; who indexes or searches them makes them that long.</summary>
    Cosine = 1,
}
