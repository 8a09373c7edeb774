namespace Splade.Training;

/// <summary>How a vocabulary from scratch is made. Both are ordinary vocab.txt files.</summary>
internal enum VocabularyKind
{
    /// <summary>Merges of frequent pairs.</summary>
    Wordpiece,

    /// <summary>Stems and endings of a language: words that share a stem share a piece.</summary>
    Stems,
}
