using System.Collections.Frozen;
using Splade.Encoding.Tokenizing.Decoders;
using Splade.Encoding.Tokenizing.Models;
using Splade.Encoding.Tokenizing.Normalizers;
using PieceType = Splade.Encoding.Tokenizing.SentencePiece.SentencePieceModel.Types.Piece.Types.Type;

namespace Splade.Encoding.Tokenizing.SentencePiece;

/// <summary>
/// A SentencePiece model by itself, with the ids and the float32 arithmetic of the sentencepiece library. Special tokens in a text are text to it.
/// </summary>
/// <remarks>
/// Our own for the same reasons as <see cref="PipelineTokenizer"/>: the SentencePieceTokenizer of Microsoft.ML.Tokenizers 2.0.1 gives other ids than sentencepiece
/// in 544 (XLM-R, shifted), 950 (XLNet), 687 (LASER), 1,164 and 857 (sentencepiece's test models) of the goldens' 2,031 texts.
/// </remarks>
internal sealed class SentencePieceTokenizer : ITokenizer
{
    /// <summary>Of user-defined pieces, which are matched before anything else. Found by fit: it gives the reference's ids over all corpora.</summary>
    private const double UserDefinedScore = 0;

    /// <summary>Appends the pieces of a text with their [start, end) in it; each unknown code point is one.</summary>
    private delegate void Cutter(ReadOnlySpan<char> text, List<PieceOccurrence> pieces);

    [ThreadStatic]
    private static NormalizedText? _text;

    [ThreadStatic]
    private static NormalizedText? _normalized;

    [ThreadStatic]
    private static List<PieceOccurrence>? _path;

    private static readonly DecodeStep Decoder = DecodeSteps.Sequence([DecodeSteps.ByteFallback(), DecodeSteps.Metaspace()]);

    private readonly SentencePieceNormalizer _normalizer;
    private readonly Cutter _cut;
    private readonly string[] _pieces;
    private readonly int[] _ids;
    private readonly int[]? _bytes;
    private readonly int _unknown;

    /// <param name="layout">What the ids are: null for the places of the pieces in the model.</param>
    /// <exception cref="ArgumentException">The model has no unknown piece, or a piece twice.</exception>
    public SentencePieceTokenizer(SentencePieceModel model, FairseqLayout? layout = null)
    {
        var pieces = model.Pieces;
        _unknown = Enumerable.Range(0, pieces.Count).Where(i => pieces[i].Type == PieceType.Unknown).DefaultIfEmpty(-1).First();
        if (_unknown < 0)
        {
            throw new ArgumentException("The SentencePiece model has no unknown piece.", nameof(model));
        }

        var bpe = SentencePieceFile.IsBpe(model);
        var matched = Enumerable.Range(0, pieces.Count)
            .Where(i => pieces[i].Type is PieceType.Normal or PieceType.UserDefined || (bpe && pieces[i].Type == PieceType.Unused))
            .Select(i => (pieces[i].Text, Id: i)).ToArray();
        if (matched.DistinctBy(p => p.Text, StringComparer.Ordinal).Count() < matched.Length)
        {
            throw new ArgumentException("The SentencePiece model has a piece twice.", nameof(model));
        }

        var userDefined = matched.Where(p => pieces[p.Id].Type == PieceType.UserDefined).ToArray();
        var stand = userDefined.Length == 0 ? null : new PieceTrie(userDefined);
        _cut = bpe ? Merging(model, matched, stand) : Lattice(model, matched);
        var settings = model.Normalizer ?? new SentencePieceModel.Types.Normalizer();
        _normalizer = new SentencePieceNormalizer(
            settings.PrecompiledCharsmap.IsEmpty ? null : new CharacterMap(settings.PrecompiledCharsmap.Span),
            stand,
            settings.AddDummyPrefix,
            settings.RemoveExtraWhitespaces);
        if (model.Trainer?.ByteFallback == true)
        {
            var byText = Enumerable.Range(0, pieces.Count).Where(i => pieces[i].Type == PieceType.Byte).ToLookup(i => pieces[i].Text, StringComparer.Ordinal);
            _bytes = [.. Enumerable.Range(0, 256).Select(b => byText[BpeModel.BytePiece((byte)b)].DefaultIfEmpty(_unknown).First())];
        }

        layout ??= FairseqLayout.None(model);
        _ids = [.. Enumerable.Range(0, pieces.Count).Select(layout.IdOf)];
        _pieces = new Vocabulary([.. layout.Pieces(model)]).Pieces;
        Template = layout.Template;
        PaddingId = layout.PaddingId;
        SpecialIds = layout.SpecialIds(model).ToFrozenSet();
    }

    public int VocabularySize => _pieces.Length;

    public TokenTemplate Template { get; }

    public int PaddingId { get; }

    public IReadOnlySet<int> SpecialIds { get; }

    public string Piece(int id) => _pieces[id];

    public void Encode(string text, List<PieceOccurrence> pieces)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(pieces);
        var source = _text ??= new NormalizedText();
        var normalized = _normalized ??= new NormalizedText();
        source.Load(text, 0, text.Length);
        normalized.Clear();
        var textEnd = _normalizer.Normalize(source, normalized);
        var path = _path ??= [];
        path.Clear();
        _cut(normalized.Characters, path);
        for (var i = 0; i < path.Count; i++)
        {
            var piece = path[i];
            while (_bytes is null && piece.Id == _unknown && i + 1 < path.Count && path[i + 1].Id == _unknown)
            {
                piece = piece with { End = path[++i].End };
            }

            var (start, end) = (normalized.Start(piece.Start), piece.End < normalized.Length ? normalized.Start(piece.End) : textEnd);
            if (piece.Id == _unknown && _bytes is not null)
            {
                AddBytes(normalized.Characters[piece.Start..piece.End], start, end, pieces);
            }
            else
            {
                pieces.Add(new PieceOccurrence(_ids[piece.Id], start, end));
            }
        }
    }

    public string Decode(IEnumerable<int> ids) => PipelineTokenizer.Decode(ids, this, Decoder);

    private Cutter Lattice(SentencePieceModel model, (string Text, int Id)[] matched)
    {
        var lowest = model.Pieces.Where(p => p.Type == PieceType.Normal).Select(p => p.Score).DefaultIfEmpty().Min();
        double[] scores = [.. model.Pieces.Select(p => p.Type == PieceType.UserDefined ? UserDefinedScore : p.Score)];
        return new UnigramLattice(matched, scores, lowest, _unknown, single: true).Cut;
    }

    private Cutter Merging(SentencePieceModel model, (string Text, int Id)[] matched, PieceTrie? userDefined) => new SentencePieceBpe(
        matched, userDefined, [.. model.Pieces.Select(p => p.Score)], [.. model.Pieces.Select(p => p.Type == PieceType.Unused)], _unknown).Cut;

    /// <summary>Bytes of an unknown piece, of which the last has its place.</summary>
    private void AddBytes(ReadOnlySpan<char> characters, int start, int end, List<PieceOccurrence> pieces)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(characters.ToArray());
        pieces.AddRange(bytes.Select((b, i) => new PieceOccurrence(_ids[_bytes![b]], start, i == bytes.Length - 1 ? end : start)));
    }
}
