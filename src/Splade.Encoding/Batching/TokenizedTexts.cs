using System.Collections.Immutable;
using Splade.Encoding.Packages;
using Splade.Encoding.Passages;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Batching;

/// <summary>Some texts as ids, ready for batches: all ids in one list, a run of them for each passage.</summary>
internal sealed class TokenizedTexts
{
    private const int CharactersPerToken = 4;
    private const int KeptPieces = 1 << 14;

    [ThreadStatic]
    private static List<PieceOccurrence>? _pieces;

    private readonly List<long> _ids;
    private readonly List<PassageIds> _passages = [];
    private readonly bool[] _truncated;
    private readonly int[] _counts;

    private TokenizedTexts(int[] texts, int characters)
    {
        Texts = texts;
        _ids = new List<long>((characters / CharactersPerToken) + (2 * texts.Length));
        _truncated = new bool[texts.Length];
        _counts = new int[texts.Length];
    }

    /// <summary>Positions of the texts in the caller's list.</summary>
    public int[] Texts { get; }

    public IReadOnlyList<PassageIds> Passages => _passages;

    /// <param name="text">Position in <see cref="Texts"/>.</param>
    public bool IsTruncated(int text) => _truncated[text];

    /// <inheritdoc cref="IsTruncated"/>
    public int PassagesOf(int text) => _counts[text];

    public ReadOnlySpan<long> Ids(PassageIds passage) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ids).Slice(passage.Start, passage.Length);

    /// <param name="all">The caller's list.</param>
    /// <param name="chosen">Positions in it.</param>
    /// <param name="prompt">Put before every passage.</param>
    public static TokenizedTexts Of(
        IReadOnlyList<string> all, int[] chosen, string prompt, EncoderSide side, ChunkingSettings chunking, CancellationToken cancellationToken)
    {
        var result = new TokenizedTexts(chosen, chosen.Sum(i => all[i].Length));
        var pieces = _pieces is { Capacity: <= KeptPieces } ? _pieces : _pieces = [];
        for (var i = 0; i < chosen.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            pieces.Clear();
            var text = prompt + all[chosen[i]];
            side.Tokenizer.Encode(text, pieces);
            result.Add(i, text, prompt.Length, pieces, side, chunking);
        }

        return result;
    }

    private void Add(int text, string characters, int promptLength, List<PieceOccurrence> pieces, EncoderSide side, ChunkingSettings chunking)
    {
        var limit = side.MaxTokens - side.Tokenizer.Template.Length;
        if (pieces.Count <= Math.Min(limit, chunking.MaxChunkSize ?? limit) || chunking.Strategy == ChunkingStrategy.None)
        {
            var kept = Math.Min(pieces.Count, limit);
            AddPassage(text, side.Tokenizer, pieces, 0, kept, 0);
            _truncated[text] = kept < pieces.Count;
            return;
        }

        // The pieces of the prompt stand before every passage.
        var prompt = promptLength == 0 ? 0 : pieces.FindIndex(p => p.End > promptLength) is >= 0 and var first ? first : pieces.Count;
        var body = prompt == 0 ? pieces : pieces[prompt..];
        var passages = PassageSplitter.Split(characters, body, Math.Max(1, limit - prompt), chunking);
        foreach (var (start, end) in passages)
        {
            AddPassage(text, side.Tokenizer, pieces, start + prompt, end + prompt, prompt);
        }

        _truncated[text] = passages[^1].End < body.Count;
    }

    private void AddPassage(int text, ITokenizer tokenizer, List<PieceOccurrence> pieces, int start, int end, int prompt)
    {
        var first = _ids.Count;
        AddTemplate(tokenizer.Template.Prefix);
        for (var i = 0; i < prompt; i++)
        {
            _ids.Add(pieces[i].Id);
        }

        for (var i = start; i < end; i++)
        {
            _ids.Add(pieces[i].Id);
        }

        AddTemplate(tokenizer.Template.Suffix);
        _passages.Add(new PassageIds(text, _counts[text]++, first, _ids.Count - first));

        void AddTemplate(ImmutableArray<int> ids)
        {
            foreach (var id in ids)
            {
                _ids.Add(id);
            }
        }
    }
}

/// <param name="Text">Position in <see cref="TokenizedTexts.Texts"/>.</param>
/// <param name="Ordinal">Position among the passages of the text.</param>
internal readonly record struct PassageIds(int Text, int Ordinal, int Start, int Length);
