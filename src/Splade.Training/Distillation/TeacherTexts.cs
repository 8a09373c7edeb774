using Splade.Lexical;
using Splade.Training.Data;

namespace Splade.Training.Distillation;

/// <summary>
/// Chooses what the teacher embeds: as many sentences and passages of each source as of any other, as far as it has them, because broad text
/// is worth more than much of one kind; and the words of the vocabulary.
/// </summary>
internal static class TeacherTexts
{
    /// <summary>Sentences and questions, and passages, that the texts are drawn from.</summary>
    private const int Sentences = 64_000;

    /// <inheritdoc cref="Sentences"/>
    private const int Passages = 20_000;

    private const int WordsOfPiece = 3;
    private const int ShortestSentence = 25;
    private const int LongestSentence = 300;

    /// <param name="sources">Passages of each source.</param>
    /// <param name="questions">Short texts, beside the sentences.</param>
    /// <returns>In random order, so that the first part of it is a sample of all.</returns>
    public static string[] Choose(IReadOnlyList<string[]> sources, string[] questions, DistilOptions options)
    {
        var random = new Random(options.Seed);
        var passages = Share([.. sources.Select(s => s.Length)], Passages);
        var sentences = Share([.. sources.Select(s => s.Length), questions.Length], Sentences);
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < sources.Count; i++)
        {
            var order = (string[])sources[i].Clone();
            random.Shuffle(order);

            // Sentences are taken from the other end than passages: as long as there is enough text, none is in both.
            chosen.UnionWith(order.Take(passages[i]).Select(p => FirstWords(p, options.PassageWords)));
            chosen.UnionWith(Enumerable.Reverse(order).Select(p => Sentence(p, random)).OfType<string>().Take(sentences[i]));
        }

        random.Shuffle(questions);
        chosen.UnionWith(questions.Take(sentences[^1]));
        string[] texts = [.. chosen];
        random.Shuffle(texts);
        return texts.Length > options.Texts ? texts[..options.Texts] : texts;
    }

    /// <summary>For each piece that begins a word: the words that it stands for, the most frequent ones, with how often they occur.</summary>
    /// <param name="cut">Pieces of a word.</param>
    public static List<(int Piece, string Word, int Count)> Words(LexicalModel lexical, Func<string, IReadOnlyList<int>> cut)
    {
        var words = new Dictionary<int, List<(string Word, int Count)>>();
        foreach (var (word, count) in lexical.Words.Where(w => w.Key.Any(char.IsLetterOrDigit)).OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            // A stem with an ending, or a word that is a piece: others, cut into several parts, say nothing about their first.
            var pieces = cut(word);
            if (pieces.Count is 1 or 2 && pieces[0] < lexical.MainPieces && (pieces.Count == 1 || !lexical.HasWeight[pieces[1]]))
            {
                if (!words.TryGetValue(pieces[0], out var list))
                {
                    words.Add(pieces[0], list = []);
                }

                list.Add((word, count));
            }
        }

        return
        [
            .. words.OrderBy(w => w.Key).SelectMany(w =>
                w.Value.OrderByDescending(v => v.Count).ThenBy(v => v.Word, StringComparer.Ordinal).Take(WordsOfPiece).Select(v => (w.Key, v.Word, v.Count))),
        ];
    }

    /// <summary>Divides a total evenly; what a part cannot take goes to the others.</summary>
    internal static int[] Share(int[] available, int total)
    {
        var taken = new int[available.Length];
        while (total > 0)
        {
            int[] open = [.. Enumerable.Range(0, taken.Length).Where(i => taken[i] < available[i])];
            if (open.Length == 0)
            {
                break;
            }

            var each = Math.Max(1, total / open.Length);
            foreach (var i in open)
            {
                var more = Math.Min(Math.Min(each, available[i] - taken[i]), total);
                taken[i] += more;
                total -= more;
            }
        }

        return taken;
    }

    private static string? Sentence(string passage, Random random)
    {
        var usable = PassageReader.Sentences(passage).Where(s => s.Length is >= ShortestSentence and <= LongestSentence).ToArray();
        return usable.Length == 0 ? null : usable[random.Next(usable.Length)];
    }

    private static string FirstWords(string text, int count)
    {
        var words = text.Split((char[]?)null, count + 1, StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Take(count));
    }
}
