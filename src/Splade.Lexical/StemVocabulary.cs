using System.Globalization;
using Splade.Encoding.Tokenizing;

namespace Splade.Lexical;

/// <summary>
/// A WordPiece vocabulary of stems and endings: the words of one stem class share their longest common prefix as a piece, what is left of them are
/// <c>##</c> pieces without weight. An ordinary vocab.txt for any BERT tokenizer.
/// </summary>
internal sealed class StemVocabulary
{
    private const int MinimumPrefix = 3;
    private const int LongestEnding = 8;
    private const int EndingUses = 8;
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private readonly LexicalModelOptions _options;
    private readonly HashSet<string> _initial = new(StringComparer.Ordinal);
    private readonly HashSet<string> _continuing = new(StringComparer.Ordinal);
    private readonly HashSet<string> _endings = new(StringComparer.Ordinal);

    /// <summary>Words of the main language that have their place.</summary>
    private readonly HashSet<string> _mainWords = new(StringComparer.Ordinal);

    /// <summary>
    /// Beginnings of those words that are longer than their stem. The tokenizer takes the longest piece that fits: such a piece of another language would take the word away from
    /// its class (programm ##ing beside program ##s).
    /// </summary>
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    private StemVocabulary(LexicalModelOptions options) => _options = options;

    /// <summary>Pieces by id, special tokens first.</summary>
    public string[] Pieces { get; private set; } = [];

    /// <summary>How many of the pieces, from the first on, are of the main language: special tokens, its stems and words, its endings.</summary>
    public int MainPieces { get; private set; }

    /// <summary>Endings, which carry no weight.</summary>
    public IReadOnlySet<string> Endings => _endings;

    /// <param name="counts">Words and how often they occur, by language, the main language first.</param>
    public static StemVocabulary Learn(IReadOnlyList<LanguageWords> counts, LexicalModelOptions options)
    {
        var vocabulary = new StemVocabulary(options);
        for (var i = 0; i < counts.Count; i++)
        {
            vocabulary.AddClasses(counts[i], i == 0);
            if (i == 0)
            {
                string[] main = [.. Special, .. vocabulary.Sorted()];
                vocabulary.Pieces = main;
                vocabulary.MainPieces = main.Length;
            }
        }

        vocabulary.AddCharacters(counts);
        for (var i = 0; i < counts.Count; i++)
        {
            vocabulary.AddFallback(counts[i].Counts, i == 0 ? options.FallbackPieces : options.FallbackPieces / 4);
        }

        var known = vocabulary.Pieces.ToHashSet(StringComparer.Ordinal);
        vocabulary.Pieces =
        [
            .. vocabulary.Pieces,
            .. vocabulary.Sorted().Where(p => !known.Contains(p)),
            .. Enumerable.Range(0, options.Pairs).Select(i => string.Create(CultureInfo.InvariantCulture, $"[pair-{i}]")),
        ];
        return vocabulary;
    }

    private IEnumerable<string> Sorted() => _initial.Order(StringComparer.Ordinal).Concat(_continuing.Order(StringComparer.Ordinal).Select(p => "##" + p));

    internal static bool IsWord(string word) => word.Length > 1 && word.All(char.IsLetter) && !IsIdeograph(word[0]);

    internal static bool IsIdeograph(char c) => c is (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF');

    private void AddClasses(LanguageWords words, bool isMain)
    {
        // In a language without a stemmer, which has a script of its own, Latin words are foreign.
        var stem = Stemmers.For(words.Language);
        var isForeign = isMain || Stemmers.Has(words.Language) ? (Func<string, bool>)(_ => false) : word => word.All(char.IsAscii);
        var listed = _options.KnownWords;
        var classes = words.Counts.Where(w => (w.Value >= _options.MinimumCount || (isMain && listed.Contains(w.Key))) && IsWord(w.Key) && !isForeign(w.Key))
            .GroupBy(w => stem(w.Key), StringComparer.Ordinal)
            .Select(g => (Stem: g.Key, Share: g.Sum(w => words.Share(w.Key)), Words: g.Select(w => w.Key).Order(StringComparer.Ordinal).ToArray()))
            .OrderByDescending(c => c.Words.Any(listed.Contains)).ThenByDescending(c => c.Share).ThenBy(c => c.Stem, StringComparer.Ordinal)
            .Take(isMain ? _options.MainClasses : _options.OtherClasses)
            .Select(c => (c.Words, Prefix: Free(CommonPrefix(c.Words, c.Stem.Length))))
            .ToArray();
        var endings = classes.Where(c => c.Prefix.Length > 0)
            .SelectMany(c => c.Words.Select(w => w[c.Prefix.Length..]).Where(e => e.Length is > 0 and <= LongestEnding).Distinct())
            .GroupBy(e => e, StringComparer.Ordinal).Where(g => g.Count() >= EndingUses).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var (members, prefix) in classes)
        {
            foreach (var word in members.Where(w => !_mainWords.Contains(w)))
            {
                var ending = prefix.Length == 0 ? null : word[prefix.Length..];
                if (ending is not null && (ending.Length == 0 || endings.Contains(ending)))
                {
                    _initial.Add(prefix);
                    if (ending.Length > 0)
                    {
                        _continuing.Add(ending);
                        _endings.Add("##" + ending);
                    }
                }
                else
                {
                    _initial.Add(word);
                }
            }
        }

        if (isMain)
        {
            foreach (var (members, prefix) in classes)
            {
                _mainWords.UnionWith(members);
                _taken.UnionWith(members.Where(w => prefix.Length > 0 && endings.Contains(w[prefix.Length..]))
                    .SelectMany(w => Enumerable.Range(prefix.Length + 1, w.Length - prefix.Length).Select(length => w[..length])));
            }
        }

        string Free(string prefix) => _taken.Contains(prefix) ? "" : prefix;
    }

    /// <summary>Empty when the words have too little in common: then each is a piece of its own.</summary>
    private static string CommonPrefix(string[] words, int stemLength)
    {
        var length = words[0].Length;
        foreach (var word in words)
        {
            var common = 0;
            while (common < Math.Min(length, word.Length) && word[common] == words[0][common])
            {
                common++;
            }

            length = common;
        }

        return length >= MinimumPrefix && length >= stemLength - 2 ? words[0][..length] : "";
    }

    /// <summary>Single characters, so that few words are unknown, and the common numbers.</summary>
    private void AddCharacters(IReadOnlyList<LanguageWords> counts)
    {
        var characters = new Dictionary<string, long>(StringComparer.Ordinal);
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (word, count) in counts.SelectMany(c => c.Counts))
        {
            var elements = StringInfo.GetTextElementEnumerator(word);
            while (elements.MoveNext())
            {
                var element = elements.GetTextElement();
                characters[element] = characters.GetValueOrDefault(element) + count;
            }

            if (word.Length is > 1 and <= 4 && word.All(char.IsAsciiDigit))
            {
                numbers[word] = numbers.GetValueOrDefault(word) + count;
            }
        }

        if (_options.Pairs > 0)
        {
            // Every one a word of its own, whether the texts have it or not.
            _initial.UnionWith(Enumerable.Range(0x3005, 0xA000 - 0x3005).Select(c => ((char)c).ToString()).Where(UnspacedScripts.IsCharacter));
        }

        bool Ideograph(string c) => IsIdeograph(c[0]);
        foreach (var (character, _) in characters.Where(c => !Ideograph(c.Key) && c.Value >= 20))
        {
            _initial.Add(character);
            _continuing.Add(character);
        }

        foreach (var (character, _) in characters.Where(c => Ideograph(c.Key) && c.Value >= 2)
            .OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(_options.Ideographs))
        {
            _initial.Add(character);

            // Kana are not set apart by the tokenizer: words of them are cut into single characters.
            if (character[0] <= '\u30FF' && _options.Pairs == 0)
            {
                _continuing.Add(character);
            }
        }

        _initial.UnionWith(numbers.Where(n => n.Value >= 20).OrderByDescending(n => n.Value).ThenBy(n => n.Key, StringComparer.Ordinal).Take(1000).Select(n => n.Key));
    }

    /// <summary>Frequent beginnings and inner parts of the words that are no piece: names and technical words.</summary>
    private void AddFallback(IReadOnlyDictionary<string, int> words, int limit)
    {
        var beginnings = new Dictionary<string, double>(StringComparer.Ordinal);
        var parts = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (word, count) in words.Where(w => IsWord(w.Key) && w.Key.Length >= 4))
        {
            var covered = word.Length;
            while (covered > 0 && !_initial.Contains(word[..covered]))
            {
                covered--;
            }

            if (covered == word.Length || _continuing.Contains(word[covered..]))
            {
                continue;
            }

            // Damped: one frequent name must not decide.
            var weight = 1 + Math.Log(Math.Max(1, count));
            for (var length = 2; length <= Math.Min(6, word.Length); length++)
            {
                Add(beginnings, word[..length], weight * (length - 1));
            }

            for (var start = 1; start < word.Length - 1; start++)
            {
                for (var length = 2; length <= Math.Min(6, word.Length - start); length++)
                {
                    Add(parts, word.Substring(start, length), weight * (length - 1));
                }
            }
        }

        _initial.UnionWith(Best(beginnings).Where(p => !_taken.Contains(p)));
        _continuing.UnionWith(Best(parts));

        IEnumerable<string> Best(Dictionary<string, double> scores) =>
            scores.OrderByDescending(s => s.Value).ThenBy(s => s.Key, StringComparer.Ordinal).Take(limit).Select(s => s.Key);

        static void Add(Dictionary<string, double> scores, string piece, double score) => scores[piece] = scores.GetValueOrDefault(piece) + score;
    }
}
