using PieceType = Splade.Encoding.Tokenizing.SentencePiece.SentencePieceModel.Types.Piece.Types.Type;

namespace Splade.Encoding.Tokenizing.SentencePiece;

/// <summary>
/// How the pieces of a SentencePiece model are numbered. XLM-R's came by way of fairseq, which has four special tokens of its own in front and gives
/// every other piece the next id: piece 3 is id 4, and the mask comes last.
/// </summary>
internal sealed class FairseqLayout
{
    private static readonly string[] Special = ["<s>", "<pad>", "</s>", "<unk>"];

    private readonly bool _shifted;
    private readonly int _count;

    private FairseqLayout(SentencePieceModel model, bool shifted)
    {
        _shifted = shifted;
        _count = model.Pieces.Count;
    }

    public TokenTemplate Template => _shifted ? new TokenTemplate([0], [2]) : TokenTemplate.None;

    public int PaddingId => _shifted ? 1 : 0;

    /// <summary>Ids are the places of the pieces.</summary>
    public static FairseqLayout None(SentencePieceModel model) => new(model, shifted: false);

    public static FairseqLayout XlmRoberta(SentencePieceModel model) => new(model, shifted: true);

    public int IdOf(int piece) => !_shifted ? piece : piece switch
    {
        0 => 3,
        1 => 0,
        2 => 2,
        _ => piece + 1,
    };

    public IEnumerable<(string Text, int Id)> Pieces(SentencePieceModel model) => _shifted
        ? Special.Select((s, id) => (s, id)).Concat(model.Pieces.Skip(3).Select((p, i) => (p.Text, i + 4))).Append(("<mask>", _count + 1))
        : model.Pieces.Select((p, i) => (p.Text, i));

    public IEnumerable<int> SpecialIds(SentencePieceModel model) => _shifted
        ? [0, 1, 2, 3, _count + 1]
        : Enumerable.Range(0, _count).Where(i => model.Pieces[i].Type is PieceType.Control or PieceType.Unknown);
}
