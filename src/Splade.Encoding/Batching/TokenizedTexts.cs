using System.Collections.Immutable;
using Splade.Encoding.Packages;
using Splade.Encoding.Passages;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Batching;

/// <summary>Some texts as ids, ready for batches. Each passage has an array of its own: one for all would be a large object, and those are collected with the oldest only.</summary>
internal sealed class TokenizedTexts
{
    private const int KeptPieces = 1 << 14;

    [ThreadStatic]
    private static List<PieceOccurrence>? _pieces;

    private readonly List<PassageIds> _passages = [];
    private readonly bool[] _truncated;
    private readonly int[] _counts;

    private TokenizedTexts(int[] texts)
    {
        Texts = texts;
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

    /// <param name="all">The caller's list.</param>
    /// <param name="chosen">Positions in it.</param>
    /// <param name="prompt">Put before every passage.</param>
    public static TokenizedTexts Of(
        IReadOnlyList<string> all, int[] chosen, string prompt, EncoderSide side, ChunkingSettings chunking, CancellationToken cancellationToken)
    {
        var result = new TokenizedTexts(chosen);
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
        var template = tokenizer.Template;
        var ids = new long[template.Length + prompt + end - start];
        var next = 0;
        AddTemplate(template.Prefix);
        AddPieces(0, prompt);
        AddPieces(start, end);
        AddTemplate(template.Suffix);
        _passages.Add(new PassageIds(text, _counts[text]++, ids));

        void AddPieces(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                ids[next++] = pieces[i].Id;
            }
        }

        void AddTemplate(ImmutableArray<int> special)
        {
            foreach (var id in special)
            {
                ids[next++] = id;
            }
        }
    }
}

/// <param name="Text">Position in <see cref="TokenizedTexts.Texts"/>.</param>
/// <param name="Ordinal">Position among the passages of the text.</param>
/// <param name="Ids">What the model gets.</param>
internal readonly record struct PassageIds(int Text, int Ordinal, long[] Ids);
