namespace Splade.Encoding.Pruning;

/// <summary>Which weights of a sparse vector are dropped; the names are those of OpenSearch's <c>sparse_encoding</c> processor.</summary>
public enum PruneType
{
    /// <summary><c>none</c>: all weights stay.</summary>
    None = 0,

    /// <summary><c>top_k</c>: the k largest stay.</summary>
    TopK = 1,

    /// <summary><c>max_ratio</c>: weights of at least this share of the largest stay.</summary>
    MaxRatio = 2,

    /// <summary><c>alpha_mass</c>: the largest stay, as few as make up this share of the sum.</summary>
    AlphaMass = 3,

    /// <summary><c>abs_value</c>: weights of at least this value stay.</summary>
    AbsValue = 4,
}
