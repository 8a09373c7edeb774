using System.Collections.Immutable;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Protocol.Encoding;

/// <summary>A model as an encoder node offers it.</summary>
/// <param name="Fingerprint">Hash of the package: equal on every node that has the same model.</param>
public sealed record ModelInfo(string Name, int VocabularySize, int MaxTokens, bool InferenceFreeQueries, string Provider, string Fingerprint);

/// <summary>A worker's credit: it can take documents of up to so many estimated tokens. To <c>/user/encode-queue</c> of a coordinator.</summary>
/// <param name="Models">Models that the worker has.</param>
public sealed record RequestWork(Guid WorkerId, int MaxTokens, ImmutableArray<string> Models) : ISpladeProtocol;

/// <summary>Documents to encode, all with one model and the same settings. Lost ones are queued again after their lease.</summary>
public sealed record EncodeBatch(Guid BatchId, string Model, EncodingSettings Settings, ImmutableArray<string> Texts) : ISpladeProtocol;

/// <summary>Answers in the order of the texts: to all of a batch, or to some of it where all would be more than a message should be.</summary>
public sealed record EncodeResult(Guid BatchId, Guid WorkerId, ImmutableArray<EncodedDocument> Documents) : ISpladeProtocol
{
    /// <summary>Place of the first of them in the batch.</summary>
    public int First { get; init; }
}

/// <summary>A vector with feature names, or why there is none.</summary>
public sealed record EncodedDocument(ImmutableArray<FeatureWeight> Features, int TokenCount, bool Truncated, ErrorInfo? Error = null)
{
    /// <summary>Entries before pruning.</summary>
    public int UnprunedCount { get; init; }

    /// <summary>Passages that the text was cut into.</summary>
    public int Passages { get; init; }

    /// <summary>Vectors of the passages after the first, where passages are scored one by one; else empty.</summary>
    public ImmutableArray<ImmutableArray<FeatureWeight>> FurtherPassages { get; init; } = [];

    /// <summary>Of a query to be blended with the collection: the shipped idf of each feature, 0 where it has none; else empty.</summary>
    public ImmutableArray<float> ShippedIdf { get; init; } = [];

    /// <summary>The collection's document frequencies count documents in which a term has at least this weight.</summary>
    public float CountedFrom { get; init; }

    /// <summary>A weight is multiplied by (idf of the collection / shipped idf) to this power.</summary>
    public float CollectionIdfShare { get; init; } = 0.5f;

    /// <summary>Of the model that made the vector, which may be another than its coordinator knows; empty where there is none.</summary>
    public string Fingerprint { get; init; } = "";
}

/// <summary>A query to encode, in a lane of its own. To <c>/user/query-encoder</c> of an encoder node; answered by <see cref="QueryEncoded"/>.</summary>
public sealed record EncodeQuery(Guid RequestId, string Model, EncodingSettings Settings, string Text, DateTimeOffset Deadline) : ISpladeProtocol;

public sealed record QueryEncoded(Guid RequestId, EncodedDocument Query) : ISpladeProtocol;

/// <summary>Tokens and expansion of a text, for <c>_analyze</c>. To <c>/user/query-encoder</c>; answered by <see cref="TextAnalyzed"/>.</summary>
/// <param name="AsQuery">The query side of the model instead of the document side.</param>
public sealed record AnalyzeText(Guid RequestId, string Model, EncodingSettings Settings, string Text, bool AsQuery, DateTimeOffset Deadline) : ISpladeProtocol;

public sealed record TextAnalyzed(
    Guid RequestId, ImmutableArray<AnalyzedToken> Tokens, ImmutableArray<FeatureWeight> Expansion, bool Truncated, ErrorInfo? Error = null) : ISpladeProtocol
{
    /// <summary>Entries of the expansion before pruning.</summary>
    public int UnprunedCount { get; init; }

    /// <summary>Passages that the text was cut into.</summary>
    public int Passages { get; init; }
}

/// <summary>A token with its [start, end) in UTF-16 code units.</summary>
public readonly record struct AnalyzedToken(string Token, int Start, int End);
