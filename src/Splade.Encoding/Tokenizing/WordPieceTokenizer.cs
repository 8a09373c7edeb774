using Splade.Encoding.Tokenizing.Decoders;
using Splade.Encoding.Tokenizing.Models;
using Splade.Encoding.Tokenizing.Normalizers;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>BERT's tokenizer: clean-up, words and punctuation, then greedy longest match.</summary>
public sealed class WordPieceTokenizer : ITokenizer
{
    private readonly PipelineTokenizer _pipeline;

    /// <param name="vocabulary">Pieces by id.</param>
    /// <exception cref="ArgumentException">A special token is missing, or a piece stands twice.</exception>
    public WordPieceTokenizer(IReadOnlyList<string> vocabulary, WordPieceOptions options) => _pipeline = new PipelineTokenizer(Parts(vocabulary, options));

    public int VocabularySize => _pipeline.VocabularySize;

    public TokenTemplate Template => _pipeline.Template;

    public int PaddingId => _pipeline.PaddingId;

    public IReadOnlySet<int> SpecialIds => _pipeline.SpecialIds;

    public string Piece(int id) => _pipeline.Piece(id);

    public void Encode(string text, List<PieceOccurrence> pieces) => _pipeline.Encode(text, pieces);

    public string Decode(IEnumerable<int> ids) => _pipeline.Decode(ids);

    /// <inheritdoc cref="WordPieceTokenizer(IReadOnlyList{string}, WordPieceOptions)"/>
    internal static TokenizerParts Parts(IReadOnlyList<string> vocabulary, WordPieceOptions options)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(options);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary[id].Length == 0 || !seen.Add(vocabulary[id]))
            {
                throw new ArgumentException($"The vocabulary has an empty piece or [{vocabulary[id]}] twice, at line {id + 1}.", nameof(vocabulary));
            }
        }

        var pieces = new Vocabulary([.. vocabulary.Select((piece, id) => (piece, id))]);
        string[] special = [options.UnknownToken, options.StartToken, options.EndToken, options.PaddingToken, options.MaskToken];
        return new TokenizerParts
        {
            AddedTokens = [.. special.Distinct().Where(seen.Contains).Select(s => new AddedToken(Id(s), s))],
            Normalizers = [new BertNormalizer(options)],
            PreTokenizers = [new BertPreTokenizer()],
            Vocabulary = pieces,
            Model = new WordPieceModel(pieces, "##", options.UnknownToken, options.MaxWordLength),
            Template = new TokenTemplate([Id(options.StartToken)], [Id(options.EndToken)]),
            PaddingId = Id(options.PaddingToken),
            Decode = DecodeSteps.WordPiece(),
        };

        int Id(string token) => pieces.Find(token)
            ?? throw new ArgumentException($"The vocabulary lacks the special token {token}.", nameof(vocabulary));
    }
}
