using System.Collections.Frozen;
using Splade.Encoding.Tokenizing.Decoders;
using Splade.Encoding.Tokenizing.Models;
using Splade.Encoding.Tokenizing.Normalizers;
using Splade.Encoding.Tokenizing.PreTokenizers;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// A tokenizer in the parts of Hugging Face's "tokenizers" library: added tokens, normalizers, pre-tokenizers, a model, and what comes after.
/// </summary>
/// <remarks>
/// Our own because the tokenizers of Microsoft.ML.Tokenizers 2.0.1, set up for it, give other ids than the reference in many of the goldens' 2,031 texts: BERT
/// uncased 842, cased 832, multilingual 852 (symbols dropped, line feeds deleted), XLM-R 627, XLNet 1,506, but RoBERTa only 16 and GPT-2 1. Their places are
/// in the normalised text, and they read no tokenizer.json. Measured by the command <c>tokenizers</c> of tests/Splade.Benchmarks, column ms.differ, over the texts
/// of golden/tokenizers; see its README. For libraries that ask for their type: <see cref="Tokenizers.AsMicrosoftTokenizer"/>.
/// </remarks>
internal sealed class PipelineTokenizer : ITokenizer
{
    [ThreadStatic]
    private static Workspace? _workspace;

    private readonly string[] _pieces;
    private readonly AddedTokenMatcher? _raw;
    private readonly AddedTokenMatcher? _normalized;
    private readonly INormalizer[] _normalizers;
    private readonly IPreTokenizer[] _preTokenizers;
    private readonly IPieceModel _model;
    private readonly OffsetTrimmer? _trimmer;
    private readonly WordByWord? _words;
    private readonly DecodeStep _decode;

    public PipelineTokenizer(TokenizerParts parts)
    {
        _normalizers = [.. parts.Normalizers];
        _preTokenizers = [.. parts.PreTokenizers];
        _model = parts.Model;
        _decode = parts.Decode;
        _pieces = AllPieces(parts.Vocabulary, parts.AddedTokens);
        _trimmer = parts.Trim is { } trim ? new OffsetTrimmer(_pieces, trim) : null;
        _raw = Matcher(parts.AddedTokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        _normalized = Matcher(parts.AddedTokens.Where(t => t.Normalized).Select(t => (NormalizeWhole(t.Content), t)));
        _words = WordByWord.For(parts, matchesNormalized: _normalized is not null);
        Template = parts.Template;
        PaddingId = parts.PaddingId;
        SpecialIds = parts.AddedTokens.Where(t => t.Special).Select(t => t.Id).ToFrozenSet();
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

        // Taken for the time of the call: nothing that runs inside can come back here, but a caller's list may do anything.
        var workspace = _workspace ?? new Workspace();
        _workspace = null;
        var first = pieces.Count;
        var done = 0;
        var position = 0;
        while (_raw is not null && _raw.TryNext(text, ref position, done, out var token, out var start, out var end))
        {
            Run(done, start);
            AddToken(text.AsSpan(start, end - start), new PieceOccurrence(token.Id, start, end), text, pieces, first);
            done = Math.Max(done, end);
        }

        Run(done, text.Length);
        _workspace = workspace;

        void Run(int from, int to)
        {
            if (_words is null)
            {
                EncodeRun(text, from, to, workspace, pieces, first);
            }
            else
            {
                _words.Encode(text, from, to, pieces, (wordStart, wordEnd) => EncodeRun(text, wordStart, wordEnd, workspace, pieces, first));
            }
        }
    }

    public string Decode(IEnumerable<int> ids) => Decode(ids, this, _decode);

    /// <summary>Pieces of ids that are not special, in steps back to text.</summary>
    internal static string Decode(IEnumerable<int> ids, ITokenizer tokenizer, DecodeStep decode)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var pieces = new List<string>();
        foreach (var id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(id, tokenizer.VocabularySize);
            if (!tokenizer.SpecialIds.Contains(id))
            {
                pieces.Add(tokenizer.Piece(id));
            }
        }

        return string.Concat(decode(pieces));
    }

    private static AddedTokenMatcher? Matcher(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        // Of tokens that normalization makes equal the first one counts, special ones before others, as in the reference.
        var usable = tokens.Where(t => t.Text.Length > 0).OrderByDescending(t => t.Token.Special).DistinctBy(t => t.Text).ToArray();
        return usable.Length == 0 ? null : new AddedTokenMatcher(usable);
    }

    private static string[] AllPieces(Vocabulary vocabulary, IReadOnlyList<AddedToken> added)
    {
        var size = Math.Max(vocabulary.Size, added.Select(t => t.Id + 1).DefaultIfEmpty().Max());
        var pieces = vocabulary.Pieces.AsSpan().ToArray();
        Array.Resize(ref pieces, size);
        foreach (var token in added.Where(t => t.Id >= vocabulary.Size))
        {
            pieces[token.Id] = token.Content;
        }

        for (var id = 0; id < size; id++)
        {
            pieces[id] ??= Vocabulary.Unused(id);
        }

        return pieces;
    }

    private string NormalizeWhole(string text)
    {
        var workspace = new Workspace();
        workspace.Text.Load(text, 0, text.Length);
        Normalize(workspace);
        return workspace.Text.Characters.ToString();
    }

    private void EncodeRun(string text, int start, int end, Workspace workspace, List<PieceOccurrence> pieces, int first)
    {
        if (start >= end)
        {
            return;
        }

        workspace.Text.Load(text, start, end);
        Normalize(workspace);
        var length = workspace.Text.Length;
        if (_normalized is null)
        {
            EncodeWords(text, 0, length, workspace, pieces, first);
            return;
        }

        var done = 0;
        var position = 0;
        while (_normalized.TryNext(workspace.Text.Characters, ref position, done, out var token, out var from, out var to))
        {
            EncodeWords(text, done, from, workspace, pieces, first);
            var piece = new PieceOccurrence(token.Id, workspace.Text.Start(from), workspace.Text.End(to - 1));
            AddToken(workspace.Text.Characters[from..to], piece, text, pieces, first);
            done = Math.Max(done, to);
        }

        EncodeWords(text, done, length, workspace, pieces, first);
    }

    private void Normalize(Workspace workspace)
    {
        foreach (var normalizer in _normalizers)
        {
            workspace.Spare.Clear();
            if (normalizer.Normalize(workspace.Text, workspace.Spare))
            {
                (workspace.Text, workspace.Spare) = (workspace.Spare, workspace.Text);
            }
        }
    }

    private void EncodeWords(string text, int start, int end, Workspace workspace, List<PieceOccurrence> pieces, int first)
    {
        if (start >= end)
        {
            return;
        }

        var words = workspace.Words;
        words.Begin(workspace.Text, start, end);
        foreach (var preTokenizer in _preTokenizers)
        {
            preTokenizer.Split(words);
        }

        var from = pieces.Count;
        foreach (var (wordStart, wordEnd) in words.Words)
        {
            _model.Encode(words.Text, wordStart, wordEnd, pieces);
        }

        for (var i = from; _trimmer is not null && i < pieces.Count; i++)
        {
            pieces[i] = _trimmer.Trim(pieces[i], text, i == first);
        }
    }

    private void AddToken(ReadOnlySpan<char> found, PieceOccurrence piece, string text, List<PieceOccurrence> pieces, int first) =>
        pieces.Add(_trimmer?.Trim(piece, found, text, pieces.Count == first) ?? piece);

    private sealed class Workspace
    {
        public NormalizedText Text { get; set; } = new();

        public NormalizedText Spare { get; set; } = new();

        public PreTokenizedText Words { get; } = new();
    }
}
