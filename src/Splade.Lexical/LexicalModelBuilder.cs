using System.Globalization;
using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;

namespace Splade.Lexical;

/// <summary>
/// Makes a lexical sparse model from plain text: a vocabulary of stems and endings, query weights from document frequencies, a document side
/// without learnt parameters. The same inputs give the same bytes.
/// </summary>
public sealed class LexicalModelBuilder
{
    private readonly LexicalModelOptions _options;

    public LexicalModelBuilder(LexicalModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>Writes a model package. The language of the first source is the main one.</summary>
    public void Build(IReadOnlyList<TextSource> sources, string folder, Action<string> report, CancellationToken cancellationToken)
    {
        var model = Learn(sources, report, cancellationToken);
        LexicalPackage.Write(
            folder,
            model,
            LexicalGraph.Build(model.HasWeight, _options, model.Pairs),
            "splade-lexical",
            "Lexical sparse model: stems weighted by term statistics. No expansion. Queries run without a model.",
            _options.MaxTokens);
        report($"package written to {folder}");
    }

    /// <summary>The parts of the model, not written anywhere.</summary>
    internal LexicalModel Learn(IReadOnlyList<TextSource> sources, Action<string> report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(report);
        var counts = CountWords(sources, report, cancellationToken);
        var vocabulary = StemVocabulary.Learn(counts, _options);
        report(string.Create(CultureInfo.InvariantCulture, $"{vocabulary.Pieces.Length} pieces"));
        ITokenizer tokenizer = _options.Pairs > 0 ? LexicalTokenizer.Open(vocabulary.Pieces) : new WordPieceTokenizer(vocabulary.Pieces, new WordPieceOptions());
        var hasWeight = vocabulary.Pieces.Select((piece, id) => HasWeight(piece, id, tokenizer, vocabulary)).ToArray();
        var pairs = _options.Pairs == 0
            ? null
            : new PiecePairs(
                vocabulary.Pieces, tokenizer.SpecialIds, id => hasWeight[id], new PairSettings(vocabulary.Pieces.Length - _options.Pairs, _options.Pairs, _options.PairShare));
        report("counting document frequencies");
        var (idf, languages) = TermStatistics.Of(sources, tokenizer, pairs, _options.PassagesPerFile, cancellationToken);
        return new LexicalModel(vocabulary.Pieces, vocabulary.MainPieces, idf, hasWeight, languages, counts[0].Counts, pairs);
    }

    private static bool HasWeight(string piece, int id, ITokenizer tokenizer, StemVocabulary vocabulary) =>
        !tokenizer.SpecialIds.Contains(id)
        && !vocabulary.Endings.Contains(piece)
        && !StopWords.All.Contains(piece)
        && piece.Any(char.IsLetterOrDigit)
        && !(piece.StartsWith("##", StringComparison.Ordinal) && piece.Length == 3 && !StemVocabulary.IsIdeograph(piece[2]));

    private List<LanguageWords> CountWords(IReadOnlyList<TextSource> sources, Action<string> report, CancellationToken cancellationToken)
    {
        var counts = new List<LanguageWords>();
        var splitter = _options.Pairs > 0 ? LexicalTokenizer.Words() : new BertWords(new WordPieceOptions());
        var words = new List<string>();
        foreach (var language in sources.GroupBy(s => s.Language))
        {
            var counted = new LanguageWords(language.Key);
            foreach (var name in language.GroupBy(s => s.Name))
            {
                report($"reading {name.Key} ({language.Key})");
                var source = new Dictionary<string, int>(StringComparer.Ordinal);
                foreach (var passage in name.SelectMany(s => s.Passages(_options.PassagesPerFile)))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    words.Clear();
                    splitter.Split(passage, words);
                    foreach (var word in words)
                    {
                        source[word] = source.GetValueOrDefault(word) + 1;
                    }
                }

                counted.Add(source);
            }

            if (counts.Count == 0)
            {
                counted.Know(_options.KnownWords);
            }

            counts.Add(counted);
        }

        return counts;
    }
}
