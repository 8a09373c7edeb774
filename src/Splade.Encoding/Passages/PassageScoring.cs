namespace Splade.Encoding.Passages;

/// <summary>How a document of several passages is scored.</summary>
public enum PassageScoring
{
    /// <summary>By one vector, the maximum of each term over the passages: a query finds its terms wherever they stand in the document.</summary>
    Document = 0,

    /// <summary>As its best passage: each has a vector of its own.</summary>
    Passage = 1,
}
