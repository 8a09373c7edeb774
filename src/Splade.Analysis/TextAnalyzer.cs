using System.Collections.Frozen;
using Lucene.Net.Analysis;
using Lucene.Net.Analysis.Ar;
using Lucene.Net.Analysis.Cjk;
using Lucene.Net.Analysis.De;
using Lucene.Net.Analysis.En;
using Lucene.Net.Analysis.Es;
using Lucene.Net.Analysis.Fr;
using Lucene.Net.Analysis.It;
using Lucene.Net.Analysis.Nl;
using Lucene.Net.Analysis.Pt;
using Lucene.Net.Analysis.Ru;
using Lucene.Net.Analysis.Standard;
using Lucene.Net.Analysis.TokenAttributes;
using Lucene.Net.Util;

namespace Splade.Analysis;

/// <summary>
/// Turns a text into the terms that BM25 counts. The analyzers are Lucene's, under the names that Elasticsearch gives them: <c>english</c> splits words by UAX #29,
/// removes possessive 's, folds case, drops 33 stop words and stems by Porter; <c>standard</c> only splits and folds case; <c>cjk</c> makes overlapping pairs of characters.
/// May be used from several threads.
/// </summary>
public sealed class TextAnalyzer
{
    private const LuceneVersion Version = LuceneVersion.LUCENE_48;

    private static readonly FrozenDictionary<string, Func<Analyzer>> Known = new Dictionary<string, Func<Analyzer>>(StringComparer.Ordinal)
    {
        ["arabic"] = () => new ArabicAnalyzer(Version),
        ["cjk"] = () => new CJKAnalyzer(Version),
        ["dutch"] = () => new DutchAnalyzer(Version),
        ["english"] = () => new EnglishAnalyzer(Version),
        ["french"] = () => new FrenchAnalyzer(Version),
        ["german"] = () => new GermanAnalyzer(Version),
        ["italian"] = () => new ItalianAnalyzer(Version),
        ["portuguese"] = () => new PortugueseAnalyzer(Version),
        ["russian"] = () => new RussianAnalyzer(Version),
        ["spanish"] = () => new SpanishAnalyzer(Version),
        ["standard"] = () => new StandardAnalyzer(Version, Lucene.Net.Analysis.Util.CharArraySet.Empty),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly Analyzer _analyzer;

    private TextAnalyzer(string name, Analyzer analyzer) => (Name, _analyzer) = (name, analyzer);

    public static IReadOnlyList<string> Names { get; } = [.. Known.Keys.Order(StringComparer.Ordinal)];

    public string Name { get; }

    /// <exception cref="ArgumentException">There is no analyzer of that name; the message lists those that there are.</exception>
    public static TextAnalyzer Named(string name) => Known.TryGetValue(name, out var make)
        ? new TextAnalyzer(name, make())
        : throw new ArgumentException($"There is no analyzer '{name}': expected one of {string.Join(", ", Names)}.");

    /// <summary>Terms in the order of the text; one that occurs twice is there twice.</summary>
    public IReadOnlyList<string> Terms(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var terms = new List<string>();
        using var stream = _analyzer.GetTokenStream("", text);
        var term = stream.GetAttribute<ICharTermAttribute>();
        stream.Reset();
        while (stream.IncrementToken())
        {
            terms.Add(term.ToString()!);
        }

        stream.End();
        return terms;
    }
}
