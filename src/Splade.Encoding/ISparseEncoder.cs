using System.Collections.Immutable;

namespace Splade.Encoding;

/// <summary>A loaded model package: text in, sparse vector over its vocabulary out. Safe for concurrent use.</summary>
public interface ISparseEncoder : IDisposable
{
    ModelDescription Description { get; }

    /// <summary>Encodes documents in one call, batched by token volume and length inside. Answers are in input order.</summary>
    IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken);

    /// <summary>Encodes a query with the model's query side (inference-free where the package says so).</summary>
    EncodedText EncodeQuery(string text, EncodingSettings settings, CancellationToken cancellationToken);

    /// <summary>The tokens of a text with their places in it, special tokens left out.</summary>
    ImmutableArray<TextToken> Tokenize(string text);

    /// <summary>The ids that the model gets for a document or query that is not cut into passages, special tokens included, and their places.</summary>
    ImmutableArray<TextToken> ModelInput(string text, bool asQuery);

    /// <summary>The feature name of a vocabulary id.</summary>
    string GetFeature(int id);
}
