using System.Collections.Immutable;

namespace Splade.Encoding;

/// <summary>A loaded dense sentence encoder (<c>text_embedding</c>): text in, one vector of fixed length out. Safe for concurrent use.</summary>
public interface IDenseEncoder : IDisposable
{
    ModelDescription Description { get; }

    /// <summary>Length of every vector.</summary>
    int Dimensions { get; }

    /// <summary>The vectors have the Euclidean length 1, so that their dot product is their cosine.</summary>
    bool IsNormalized { get; }

    /// <summary>Encodes documents in one call, batched by token volume and length inside. Answers are in input order.</summary>
    /// <remarks>Of a text that is cut into passages: their mean, weighted by tokens. Pruning is for sparse vectors and has no effect.</remarks>
    IReadOnlyList<EmbeddedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken);

    /// <inheritdoc cref="ISparseEncoder.ModelInput"/>
    ImmutableArray<TextToken> ModelInput(string text, bool asQuery);

    /// <summary>Encodes a query; it differs from a document only where the package has prompts.</summary>
    float[] EncodeQuery(string text, CancellationToken cancellationToken);
}
