namespace Splade.Benchmarks.Corpora;

/// <summary>What a synthetic collection looks like.</summary>
internal sealed record CorpusShape
{
    /// <summary>Features; a term's frequency falls with its number.</summary>
    public int Vocabulary { get; init; } = 28_679;

    /// <summary>Non-zeros of a document, mean of a lognormal distribution.</summary>
    public int DocumentTerms { get; init; } = 150;

    /// <summary>Sigma of that distribution.</summary>
    public double LengthSigma { get; init; } = 0.35;

    /// <summary>Non-zeros of a query, mean.</summary>
    public int QueryTerms { get; init; } = 33;

    /// <summary>Documents of a topic.</summary>
    public int TopicDocuments { get; init; } = 2000;

    /// <summary>Terms that a topic prefers.</summary>
    public int TopicTerms { get; init; } = 400;

    /// <summary>Share of a document's terms that come from its topic; 0 for a collection without structure.</summary>
    public double TopicShare { get; init; } = 0.5;

    /// <summary>A term's share of the documents is proportional to 1 / (rank + shift)^exponent.</summary>
    public double Exponent { get; init; } = 1.0;

    /// <inheritdoc cref="Exponent"/>
    public int Shift { get; init; } = 30;

    /// <summary>The most frequent terms, whose weights are nearly the same in all documents.</summary>
    public int HeadTerms { get; init; } = 100;

    /// <summary>Query terms are drawn in proportion to a power of their frequency.</summary>
    public double QueryExponent { get; init; } = 0.7;

    /// <summary>Weights fall with the rank of a term in its vector as exp(-rank / (this x terms)).</summary>
    public double DocumentDecay { get; init; } = 0.34;

    /// <inheritdoc cref="DocumentDecay"/>
    public double QueryDecay { get; init; } = 0.17;

    /// <summary>Weights are integers from 1 to this.</summary>
    public int LargestWeight { get; init; } = 255;

    /// <summary>By the names of the command line.</summary>
    public static IReadOnlyDictionary<string, CorpusShape> All { get; } = new Dictionary<string, CorpusShape>(StringComparer.Ordinal)
    {
        ["splade"] = new(),
        ["bm25"] = new() { Vocabulary = 200_000, DocumentTerms = 64, QueryTerms = 4, TopicShare = 0.35, Exponent = 1.05, QueryExponent = 0.5, HeadTerms = 0 },
        ["long"] = new() { DocumentTerms = 300, QueryTerms = 40, TopicTerms = 800 },
        ["binary"] = new() { LargestWeight = 1, QueryTerms = 3 },
        ["wide"] = new() { Vocabulary = 250_000, DocumentTerms = 150, QueryTerms = 33, TopicTerms = 800, Exponent = 0.95 },
    };
}
