namespace Splade.Lexical;

/// <summary>The words of a language: how often they occur, and which part of a source's words they are, as the mean of all sources, so that a large one does not decide.</summary>
internal sealed class LanguageWords(string language)
{
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _shares = new(StringComparer.Ordinal);

    public string Language { get; } = language;

    /// <summary>In all sources together.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>Counts of one source.</summary>
    public void Add(IReadOnlyDictionary<string, int> source)
    {
        var all = Math.Max(1, source.Values.Sum(c => (long)c));
        foreach (var (word, count) in source)
        {
            _counts[word] = _counts.GetValueOrDefault(word) + count;
            _shares[word] = _shares.GetValueOrDefault(word) + ((double)count / all);
        }
    }

    /// <summary>Words that are there even where the texts do not have them.</summary>
    public void Know(IEnumerable<string> words)
    {
        foreach (var word in words)
        {
            _counts.TryAdd(word, 0);
        }
    }

    public double Share(string word) => _shares.GetValueOrDefault(word);
}
