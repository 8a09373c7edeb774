using System.Globalization;
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
            LexicalGraph.Build(model.HasWeight, _options),
            "splade-lexical",
            "Lexical sparse model: stems weighted by term statistics. No expansion.",
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
        var tokenizer = new WordPieceTokenizer(vocabulary.Pieces, new WordPieceOptions());
        report("counting document frequencies");
        var (idf, languages) = TermStatistics.Of(sources, tokenizer, _options.PassagesPerFile, cancellationToken);
        var hasWeight = vocabulary.Pieces.Select((piece, id) => HasWeight(piece, id, tokenizer, vocabulary)).ToArray();
        return new LexicalModel(vocabulary.Pieces, vocabulary.MainPieces, idf, hasWeight, languages, counts[0].Counts);
    }

    private static bool HasWeight(string piece, int id, WordPieceTokenizer tokenizer, StemVocabulary vocabulary) =>
        !tokenizer.SpecialIds.Contains(id)
        && !vocabulary.Endings.Contains(piece)
        && !StopWords.All.Contains(piece)
        && piece.Any(char.IsLetterOrDigit)
        && !(piece.StartsWith("##", StringComparison.Ordinal) && piece.Length == 3 && !StemVocabulary.IsIdeograph(piece[2]));

    private List<LanguageWords> CountWords(IReadOnlyList<TextSource> sources, Action<string> report, CancellationToken cancellationToken)
    {
        var counts = new List<LanguageWords>();
        var splitter = new BertWords(new WordPieceOptions());
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
