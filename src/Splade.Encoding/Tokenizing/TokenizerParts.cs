using Splade.Encoding.Tokenizing.Decoders;
using Splade.Encoding.Tokenizing.Models;
using Splade.Encoding.Tokenizing.Normalizers;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>What a <see cref="PipelineTokenizer"/> is made of, in the order of its work.</summary>
internal sealed record TokenizerParts
{
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    public IReadOnlyList<INormalizer> Normalizers { get; init; } = [];

    public IReadOnlyList<IPreTokenizer> PreTokenizers { get; init; } = [];

    public required Vocabulary Vocabulary { get; init; }

    public required IPieceModel Model { get; init; }

    public TokenTemplate Template { get; init; } = TokenTemplate.None;

    /// <summary>Null: places are left as they are.</summary>
    public TrimOffsets? Trim { get; init; }

    public int PaddingId { get; init; }

    public required DecodeStep Decode { get; init; }
}
