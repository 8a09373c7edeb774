using Splade.Encoding.Tokenizing;

namespace Splade.Training.Vocabulary;

/// <summary>
/// Learns a WordPiece vocabulary from word counts by merging the most frequent pair of neighbouring pieces again and again, as Hugging Face's
/// trainer for BERT does. The same counts give the same vocabulary.
/// </summary>
internal sealed class WordPieceVocabulary
{
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    private const int MinimumPairCount = 2;
    private const int LongestPiece = 24;

    private readonly List<string> _pieces = [];
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<(int[] Symbols, long Count)> _words = [];
    private readonly Dictionary<(int Left, int Right), long> _pairs = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right, long Count), (long Count, int Left, int Right)> _queue = new();

    private WordPieceVocabulary()
    {
    }

    /// <summary>Words of texts as BERT's tokenizer sees them, with their counts.</summary>
    public static Dictionary<string, long> CountWords(IEnumerable<string> texts, WordPieceOptions options)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var splitter = new BertWords(options);
        var words = new List<string>();
        foreach (var text in texts)
        {
            words.Clear();
            splitter.Split(text, words);
            foreach (var word in words.Where(w => w.Length <= options.MaxWordLength))
            {
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }
        }

        return counts;
    }

    /// <param name="counts">Words and how often they occur.</param>
    /// <param name="size">Largest number of pieces, special tokens included.</param>
    /// <param name="alphabet">Largest number of different characters; words with a rarer one become [UNK].</param>
    /// <returns>Pieces by id, special tokens first; fewer than <paramref name="size"/> where the text is too small.</returns>
    public static string[] Learn(IReadOnlyDictionary<string, long> counts, int size, int alphabet = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, Special.Length + 1);
        var vocabulary = new WordPieceVocabulary();
        vocabulary.AddCharacters(counts, Math.Min(alphabet, (size - Special.Length) / 2));
        vocabulary.Merge(size);
        return [.. vocabulary._pieces];
    }

    private void AddCharacters(IReadOnlyDictionary<string, long> counts, int alphabet)
    {
        foreach (var special in Special)
        {
            Add(special);
        }

        var characters = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (word, count) in counts)
        {
            foreach (var rune in word.EnumerateRunes())
            {
                characters[rune.ToString()] = characters.GetValueOrDefault(rune.ToString()) + count;
            }
        }

        var kept = characters.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(alphabet).Select(c => c.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var character in kept.Order(StringComparer.Ordinal))
        {
            Add(character);
        }

        foreach (var (word, count) in counts.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            string[] runes = [.. word.EnumerateRunes().Select(r => r.ToString())];
            if (runes.All(kept.Contains))
            {
                _words.Add(([.. runes.Select((r, i) => Add(i == 0 ? r : "##" + r))], count));
            }
        }
    }

    private void Merge(int size)
    {
        for (var word = 0; word < _words.Count; word++)
        {
            CountPairs(word, 1);
        }

        foreach (var (pair, count) in _pairs)
        {
            Enqueue(pair, count);
        }

        while (_pieces.Count < size && _queue.TryDequeue(out var best, out _))
        {
            var pair = (best.Left, best.Right);
            if (_pairs.GetValueOrDefault(pair) != best.Count)
            {
                // The count has changed since it was queued; the pair is in the queue again with the new one.
                continue;
            }

            if (best.Count < MinimumPairCount)
            {
                return;
            }

            var joined = _pieces[pair.Left] + _pieces[pair.Right][2..];
            if (joined.Length <= LongestPiece)
            {
                Join(pair, Add(joined));
            }
        }
    }

    private void Join((int Left, int Right) pair, int joined)
    {
        var changed = new HashSet<(int, int)>();
        foreach (var word in _places[pair].Order().ToArray())
        {
            changed.UnionWith(CountPairs(word, -1));
            var (symbols, count) = _words[word];
            var merged = new List<int>(symbols.Length);
            for (var i = 0; i < symbols.Length; i++)
            {
                if (i + 1 < symbols.Length && symbols[i] == pair.Left && symbols[i + 1] == pair.Right)
                {
                    merged.Add(joined);
                    i++;
                }
                else
                {
                    merged.Add(symbols[i]);
                }
            }

            _words[word] = ([.. merged], count);
            changed.UnionWith(CountPairs(word, 1));
        }

        foreach (var one in changed)
        {
            Enqueue(one, _pairs.GetValueOrDefault(one));
        }
    }

    /// <summary>Adds or takes away the pairs of a word.</summary>
    private HashSet<(int, int)> CountPairs(int word, int sign)
    {
        var (symbols, count) = _words[word];
        var touched = new HashSet<(int, int)>();
        for (var i = 0; i + 1 < symbols.Length; i++)
        {
            var pair = (symbols[i], symbols[i + 1]);
            _pairs[pair] = _pairs.GetValueOrDefault(pair) + (sign * count);
            if (!_places.TryGetValue(pair, out var places))
            {
                _places.Add(pair, places = []);
            }

            _ = sign > 0 ? places.Add(word) : places.Remove(word);
            touched.Add(pair);
        }

        return touched;
    }

    private void Enqueue((int Left, int Right) pair, long count)
    {
        if (count >= MinimumPairCount)
        {
            _queue.Enqueue((pair.Left, pair.Right, count), (-count, pair.Left, pair.Right));
        }
    }

    private int Add(string piece)
    {
        if (!_ids.TryGetValue(piece, out var id))
        {
            id = _pieces.Count;
            _pieces.Add(piece);
            _ids.Add(piece, id);
        }

        return id;
    }
}
