namespace Splade.Encoding.Passages;

/// <summary>Where a text that is longer than a passage is cut; the names are Elasticsearch's.</summary>
public enum ChunkingStrategy
{
    /// <summary><c>none</c>: what is over the model's limit is left out.</summary>
    None = 0,

    /// <summary><c>sentence</c>: between sentences, as many to a passage as fit; a sentence that is too long is cut between words.</summary>
    Sentence = 1,

    /// <summary><c>word</c>: between words.</summary>
    Word = 2,
}
