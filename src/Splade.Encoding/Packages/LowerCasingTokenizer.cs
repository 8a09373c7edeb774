using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// Texts in lower case before they are tokenized, as <c>do_lower_case</c> in sentence_bert_config.json asks for whatever the tokenizer itself does.
/// Character by character, so that places in the text stay what they are.
/// </summary>
internal sealed class LowerCasingTokenizer(ITokenizer inner) : ITokenizer
{
    public int VocabularySize => inner.VocabularySize;

    public TokenTemplate Template => inner.Template;

    public int PaddingId => inner.PaddingId;

    public IReadOnlySet<int> SpecialIds => inner.SpecialIds;

    public string Piece(int id) => inner.Piece(id);

    public void Encode(string text, List<PieceOccurrence> pieces) => inner.Encode(text.ToLowerInvariant(), pieces);

    public string Decode(IEnumerable<int> ids) => inner.Decode(ids);
}
