namespace Splade.Lexical;

/// <summary>Words that say nothing about a text: Lucene's English list. In other languages their low weights do the work.</summary>
internal static class StopWords
{
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or", "such",
        "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
    };
}
