using System.Collections.Immutable;

namespace Splade.Encoding;

/// <summary>A loaded model package: text in, sparse vector over its vocabulary out. Safe for concurrent use.</summary>
public interface ISparseEncoder : IDisposable
{
    ModelDescription Description { get; }

    /// <summary>Encodes documents in one call, batched by token volume and length inside. Answers are in input order.</summary>
    IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, CancellationToken cancellationToken);

    /// <summary>Encodes a query with the model's query side (inference-free where the package says so).</summary>
    EncodedText EncodeQuery(string text, CancellationToken cancellationToken);

    /// <summary>The tokens of a text with their places in it, special tokens left out.</summary>
    ImmutableArray<TextToken> Tokenize(string text);

    /// <summary>The feature name of a vocabulary id.</summary>
    string GetFeature(int id);
}

/// <summary>A sparse vector over a model's vocabulary.</summary>
/// <param name="Indices">Ascending vocabulary ids.</param>
/// <param name="Weights">Positive, as long as <paramref name="Indices"/>.</param>
public sealed record EncodedText(int[] Indices, float[] Weights, int TokenCount, bool Truncated);

/// <summary>A token and its [start, end) in UTF-16 code units of the text.</summary>
public readonly record struct TextToken(string Token, int Id, int Start, int End);

/// <summary>What a model package is.</summary>
/// <param name="Name">Name under which mappings refer to it (<c>inference_id</c>).</param>
/// <param name="Provider">Effective execution provider: <c>CPU</c> or <c>CUDA</c>.</param>
public sealed record ModelDescription(
    string Name, int VocabularySize, int MaxTokens, bool InferenceFreeQueries, string Provider, string Fingerprint);
