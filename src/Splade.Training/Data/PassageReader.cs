using System.Text;
using Splade.Evaluation;

namespace Splade.Training.Data;

/// <summary>
/// Passages of plain text: of a corpus.jsonl or JSONL with texts (one each), of a text file with one passage a line, or of a folder of .txt and .md
/// files, gzipped or not, whose paragraphs are joined and cut to passages of about <see cref="PassageWords"/> words.
/// </summary>
internal static class PassageReader
{
    private const int PassageWords = 120;
    private const int ShortestPassage = 4;
    private const char LineEnd = '\n';
    private const string Gzipped = ".gz";
    private static readonly string[] Documents = [".txt", ".md", ".markdown", ".text"];

    /// <exception cref="TrainingDataException">There is no such path, or no text in it.</exception>
    public static IEnumerable<string> Read(string path)
    {
        if (!Directory.Exists(path))
        {
            return ReadFile(JsonLines.Find(path));
        }

        if (TextFiles.Find(Path.Combine(path, "corpus.jsonl")) is { } corpus)
        {
            return ReadFile(corpus);
        }

        var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(f => Documents.Contains(Path.GetExtension(f.EndsWith(Gzipped, StringComparison.Ordinal) ? f[..^Gzipped.Length] : f), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0
            ? files.SelectMany(f => Cut(TextFiles.Lines(f)))
            : throw new TrainingDataException($"The folder {path} has neither a corpus.jsonl nor files that end in {string.Join(", ", Documents)}.");
    }

    private static IEnumerable<string> ReadFile(string path)
    {
        var passages = path.Contains(".jsonl", StringComparison.Ordinal)
            ? JsonLines.Read(path).Select(l => (Title: JsonLines.Text(l.Value, "title"), Text: JsonLines.Text(l.Value, "text", "passage", "contents")
                ?? throw new TrainingDataException($"{path}, line {l.Line}: expected a text.")))
                .Select(d => string.IsNullOrEmpty(d.Title) ? d.Text : $"{d.Title} {d.Text}")
            : TextFiles.Lines(path);
        return passages.Where(p => CountWords(p) >= ShortestPassage);
    }

    /// <summary>
    /// Paragraphs, divided by blank lines; short ones are joined, long ones divided at sentence ends. What has no sentence ends, as lists in Markdown, is divided at line
    /// ends, and a line that is too long between words.
    /// </summary>
    internal static IEnumerable<string> Cut(IEnumerable<string> lines)
    {
        var passage = new StringBuilder();
        var words = 0;
        foreach (var sentence in Paragraphs(lines).SelectMany(Sentences).SelectMany(Short))
        {
            var count = CountWords(sentence);
            if (words > 0 && words + count > PassageWords)
            {
                yield return passage.ToString();
                passage.Clear();
                words = 0;
            }

            passage.Append(words > 0 ? " " : "").Append(sentence);
            words += count;
        }

        if (words >= ShortestPassage)
        {
            yield return passage.ToString();
        }
    }

    /// <summary>A text at the ends of its sentences.</summary>
    internal static IEnumerable<string> Sentences(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '.' or '!' or '?' or '。' or '！' or '？' && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1]) || text[i] > 127))
            {
                var sentence = text[start..(i + 1)].Trim();
                start = i + 1;
                if (sentence.Length > 0)
                {
                    yield return sentence;
                }
            }
        }

        var rest = text[start..].Trim();
        if (rest.Length > 0)
        {
            yield return rest;
        }
    }

    private static IEnumerable<string> Short(string sentence) => CountWords(sentence) <= PassageWords
        ? [sentence.Replace(LineEnd, ' ')]
        : sentence.Split(LineEnd).SelectMany(line => line.Split(' ').Chunk(PassageWords)).Select(words => string.Join(' ', words));

    /// <summary>Their lines keep their ends.</summary>
    private static IEnumerable<string> Paragraphs(IEnumerable<string> lines)
    {
        var paragraph = new StringBuilder();
        foreach (var line in lines.Append(""))
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                paragraph.Append(paragraph.Length > 0 ? "\n" : "").Append(line.Trim());
            }
            else if (paragraph.Length > 0)
            {
                yield return paragraph.ToString();
                paragraph.Clear();
            }
        }
    }

    private static int CountWords(string text)
    {
        var words = 0;
        var inside = false;
        foreach (var c in text)
        {
            // Scripts without blanks: two characters count as a word.
            var blank = char.IsWhiteSpace(c);
            words += !blank && !inside ? 1 : 0;
            inside = !blank && c < '\u3000';
        }

        return words;
    }
}
