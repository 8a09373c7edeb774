using Splade.Encoding.Tokenizing.Decoders;
using Splade.Encoding.Tokenizing.Models;
using Splade.Encoding.Tokenizing.Normalizers;
using Splade.Encoding.Tokenizing.PreTokenizers;
using Splade.Encoding.Tokenizing.Reading;
using PieceType = Splade.Encoding.Tokenizing.SentencePiece.SentencePieceModel.Types.Piece.Types.Type;

namespace Splade.Encoding.Tokenizing.SentencePiece;

/// <summary>
/// The fast tokenizer that Hugging Face makes of a SentencePiece model, which models were trained with: special tokens in the text are found, the
/// character map works by grapheme cluster, and sums are float64.
/// </summary>
internal static class SentencePieceConversion
{
    private const char Visible = SentencePieceNormalizer.VisibleSpace;

    public static PipelineTokenizer XlmRoberta(SentencePieceModel model, JsonPart? config, JsonPart? special)
    {
        var layout = FairseqLayout.XlmRoberta(model);
        var vocabulary = new Vocabulary([.. layout.Pieces(model)]);
        var scores = new double[vocabulary.Size];
        for (var i = 3; i < model.Pieces.Count; i++)
        {
            scores[layout.IdOf(i)] = model.Pieces[i].Score;
        }

        var added = new AddedTokenReader(vocabulary);
        added.AddConfigured(config);
        added.AddConfigured(special);
        added.AddSpecial(["<s>", "<pad>", "</s>", "<unk>"]);
        added.AddSpecial(new AddedToken(0, "<mask>") { StripLeft = true });
        AddPieces(model, added);
        return new PipelineTokenizer(new TokenizerParts
        {
            AddedTokens = added.Tokens,
            Normalizers = [.. CharacterMapOf(model)],
            PreTokenizers = [WhitespaceSplit(), Metaspace()],
            Vocabulary = vocabulary,
            Model = new UnigramModel(vocabulary, scores, 3, byteFallback: false),
            Template = layout.Template,
            PaddingId = layout.PaddingId,
            Decode = DecodeSteps.Metaspace(),
        });
    }

    public static PipelineTokenizer XlNet(SentencePieceModel model, JsonPart? config, JsonPart? special)
    {
        var vocabulary = Plain(model);
        var added = new AddedTokenReader(vocabulary);
        added.AddConfigured(config);
        added.AddConfigured(special);
        added.AddSpecial(["<s>", "</s>", "<unk>", "<sep>", "<pad>", "<cls>", "<mask>", "<eop>", "<eod>"]);
        AddPieces(model, added);
        var normalizers = new List<INormalizer>
        {
            new ReplaceNormalizer(TextPattern.Literal("``"), "\""), new ReplaceNormalizer(TextPattern.Literal("''"), "\""),
        };
        if (config?.Flag("keep_accents") != true)
        {
            normalizers.AddRange([new UnicodeNormalizer(compose: false, compatible: true), FilterNormalizer.StripAccents()]);
        }

        if (config?.Flag("do_lower_case") == true)
        {
            normalizers.Add(new LowerCaseNormalizer());
        }

        normalizers.AddRange([.. CharacterMapOf(model), new ReplaceNormalizer(TextPattern.Expression(" {2,}"), " ")]);
        return new PipelineTokenizer(new TokenizerParts
        {
            AddedTokens = added.Tokens,
            Normalizers = normalizers,
            PreTokenizers = [WhitespaceSplit(), Metaspace()],
            Vocabulary = vocabulary,
            Model = new UnigramModel(vocabulary, [.. model.Pieces.Select(p => (double)p.Score)], UnknownOf(model), byteFallback: false),
            Template = new TokenTemplate([], [Required("<sep>"), Required("<cls>")]),
            PaddingId = added.Find("<pad>") ?? 0,
            Decode = DecodeSteps.Metaspace(),
        });

        int Required(string token) => added.Find(token)!.Value;
    }

    /// <summary>
    /// The conversion for a folder that names no class of its own. Others (ALBERT, T5 ...) have ids, templates and normalizers that a .model alone does not
    /// tell.
    /// </summary>
    public static PipelineTokenizer Generic(SentencePieceModel model, JsonPart? config, JsonPart? special)
    {
        var vocabulary = Plain(model);
        var added = new AddedTokenReader(vocabulary);
        added.AddConfigured(config);
        added.AddConfigured(special);
        AddPieces(model, added);
        return new PipelineTokenizer(new TokenizerParts
        {
            AddedTokens = added.Tokens,
            Normalizers =
            [
                .. CharacterMapOf(model), new StripNormalizer(left: false, right: true),
                new ReplaceNormalizer(TextPattern.Expression(" {2,}"), Visible.ToString()),
            ],
            PreTokenizers = [Metaspace()],
            Vocabulary = vocabulary,
            Model = new UnigramModel(vocabulary, [.. model.Pieces.Select(p => (double)p.Score)], UnknownOf(model), byteFallback: false),
            PaddingId = added.Find("<pad>") ?? 0,
            Decode = DecodeSteps.Metaspace(),
        });
    }

    private static Vocabulary Plain(SentencePieceModel model) => new([.. model.Pieces.Select((p, id) => (p.Text, id))]);

    private static int? UnknownOf(SentencePieceModel model) =>
        Enumerable.Range(0, model.Pieces.Count).Where(i => model.Pieces[i].Type == PieceType.Unknown).Select(i => (int?)i).FirstOrDefault();

    /// <summary>Control and user-defined pieces are added tokens; only control ones are special.</summary>
    private static void AddPieces(SentencePieceModel model, AddedTokenReader added)
    {
        foreach (var piece in model.Pieces.Where(p => p.Type is PieceType.Control or PieceType.UserDefined))
        {
            added.AddSpecial(new AddedToken(0, piece.Text) { Special = piece.Type == PieceType.Control });
        }
    }

    private static IEnumerable<INormalizer> CharacterMapOf(SentencePieceModel model) =>
        model.Normalizer is { PrecompiledCharsmap.IsEmpty: false } settings
            ? [new PrecompiledNormalizer(new CharacterMap(settings.PrecompiledCharsmap.Span))]
            : [];

    private static SplitPreTokenizer WhitespaceSplit() => new(new CharacterDelimiter(System.Text.Rune.IsWhiteSpace), SplitBehavior.Removed);

    private static MetaspacePreTokenizer Metaspace() => new(Visible, PrependScheme.Always, split: true);
}
