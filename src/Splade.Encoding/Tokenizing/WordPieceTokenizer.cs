using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>
/// BERT's tokenizer: clean-up, words and punctuation, then greedy longest match (WordPiece), with places in the original text. Our own because
/// Microsoft.ML.Tokenizers 2.0.1 drops symbols and line feeds and reports places in the normalised text; ids and offsets here are those of
/// Hugging Face's fast tokenizer.
/// </summary>
public sealed class WordPieceTokenizer : ITokenizer
{
    private const string Continuation = "##";

    [ThreadStatic]
    private static NormalizedText? _normalized;

    private readonly WordPieceOptions _options;
    private readonly BertNormalizer _normalizer;
    private readonly string[] _pieces;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _initial;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuing;
    private readonly (string Text, int Id)[] _special;
    private readonly SearchValues<char> _specialStarts;
    private readonly int _unknown;

    /// <param name="vocabulary">Pieces by id.</param>
    /// <exception cref="ArgumentException">A special token is missing, or a piece stands twice.</exception>
    public WordPieceTokenizer(IReadOnlyList<string> vocabulary, WordPieceOptions options)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _normalizer = new BertNormalizer(options);
        _pieces = [.. vocabulary];
        var initial = new Dictionary<string, int>(_pieces.Length, StringComparer.Ordinal);
        var continuing = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < _pieces.Length; id++)
        {
            if (_pieces[id].Length == 0 || !initial.TryAdd(_pieces[id], id))
            {
                throw new ArgumentException($"The vocabulary has an empty piece or [{_pieces[id]}] twice, at line {id + 1}.", nameof(vocabulary));
            }

            if (_pieces[id].StartsWith(Continuation, StringComparison.Ordinal))
            {
                continuing.Add(_pieces[id][Continuation.Length..], id);
            }
        }

        _initial = initial.GetAlternateLookup<ReadOnlySpan<char>>();
        _continuing = continuing.GetAlternateLookup<ReadOnlySpan<char>>();
        _unknown = Id(options.UnknownToken);
        Template = new TokenTemplate([Id(options.StartToken)], [Id(options.EndToken)]);
        PaddingId = Id(options.PaddingToken);
        string[] special = [options.UnknownToken, options.StartToken, options.EndToken, options.PaddingToken, options.MaskToken];
        _special = [.. special.Where(initial.ContainsKey).Distinct().OrderByDescending(s => s.Length).Select(s => (s, initial[s]))];
        _specialStarts = SearchValues.Create([.. _special.Select(s => s.Text[0])]);
        SpecialIds = _special.Select(s => s.Id).ToFrozenSet();

        int Id(string token) => initial.TryGetValue(token, out var id)
            ? id
            : throw new ArgumentException($"The vocabulary lacks the special token {token}.", nameof(vocabulary));
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

        // Special tokens written out in the text are themselves, and no text reaches across them.
        for (var position = 0; ;)
        {
            var (place, token, id) = NextSpecial(text, position);
            EncodeRun(text.AsSpan(position, place - position), position, pieces);
            if (token.Length == 0)
            {
                return;
            }

            pieces.Add(new PieceOccurrence(id, place, place + token.Length));
            position = place + token.Length;
        }
    }

    private (int Place, string Token, int Id) NextSpecial(string text, int from)
    {
        // One pass over the text whatever it holds: a search for each token would be quadratic in a text full of one of them.
        for (var place = from; place < text.Length; place++)
        {
            var next = text.AsSpan(place).IndexOfAny(_specialStarts);
            if (next < 0)
            {
                break;
            }

            place += next;
            foreach (var (token, id) in _special)
            {
                if (text.AsSpan(place).StartsWith(token, StringComparison.Ordinal))
                {
                    return (place, token, id);
                }
            }
        }

        return (text.Length, "", -1);
    }

    private void EncodeRun(ReadOnlySpan<char> text, int offset, List<PieceOccurrence> pieces)
    {
        var normalized = _normalized ??= new NormalizedText();
        normalized.Clear();
        _normalizer.Normalize(text, offset, normalized);
        var characters = normalized.Characters;
        for (var start = 0; start < characters.Length;)
        {
            Rune.DecodeFromUtf16(characters[start..], out var first, out var length);
            if (BertCharacters.IsWhiteSpace(first))
            {
                start += length;
                continue;
            }

            var end = start + length;
            if (!BertCharacters.IsPunctuation(first))
            {
                while (end < characters.Length)
                {
                    Rune.DecodeFromUtf16(characters[end..], out var next, out length);
                    if (BertCharacters.IsWhiteSpace(next) || BertCharacters.IsPunctuation(next))
                    {
                        break;
                    }

                    end += length;
                }
            }

            EncodeWord(normalized, start, end, pieces);
            start = end;
        }
    }

    private void EncodeWord(NormalizedText text, int start, int end, List<PieceOccurrence> pieces)
    {
        var before = pieces.Count;
        var word = text.Characters;
        if (end - start <= _options.MaxWordLength || CodePoints(word[start..end]) <= _options.MaxWordLength)
        {
            for (var from = start; from < end;)
            {
                var lookup = from == start ? _initial : _continuing;
                var to = end;
                int id;
                while (!lookup.TryGetValue(word[from..to], out id) && --to > from)
                {
                }

                if (to == from)
                {
                    pieces.RemoveRange(before, pieces.Count - before);
                    break;
                }

                pieces.Add(new PieceOccurrence(id, text.Start(from), text.End(to - 1)));
                from = to;
            }
        }

        if (pieces.Count == before)
        {
            pieces.Add(new PieceOccurrence(_unknown, text.Start(start), text.End(end - 1)));
        }
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
