using System.CommandLine;
using Splade.Analysis;
using Splade.Evaluation;

namespace Splade.Cli.Commands;

/// <summary>Options of <c>splade eval --bm25</c>.</summary>
internal sealed class Bm25Options
{
    private readonly Option<bool> _bm25 = CommandRunner.Option("--bm25", "Measure BM25 over corpus.jsonl (title and text as one field) in this process, without a node.", false);
    private readonly Option<string> _analyzer = CommandRunner.Option("--analyzer", $"How BM25 makes terms: Lucene's {string.Join(", ", TextAnalyzer.Names)}.", "english");
    private readonly Option<double> _k1 = CommandRunner.Option("--k1", "BM25's saturation of term counts.", new Bm25Parameters().K1);
    private readonly Option<double> _b = CommandRunner.Option("--b", "How much of a document's length counts for BM25, 0 to 1.", new Bm25Parameters().B);

    public void AddTo(Command command)
    {
        command.Options.Add(_bm25);
        command.Options.Add(_analyzer);
        command.Options.Add(_k1);
        command.Options.Add(_b);
    }

    public bool IsAsked(ParseResult parsed) => parsed.GetValue(_bm25);

    /// <exception cref="CliException">An option has a value that does not do.</exception>
    public Bm25Baseline Build(ParseResult parsed, BeirFolder folder, CancellationToken cancellationToken)
    {
        try
        {
            var analyzer = TextAnalyzer.Named(parsed.GetValue(_analyzer)!);
            var parameters = new Bm25Parameters(parsed.GetValue(_k1), parsed.GetValue(_b));
            return new Bm25Baseline(analyzer, new Bm25Index(folder.ReadDocuments().Select(d => (d.Id, analyzer.Terms(d.Text))), parameters, cancellationToken));
        }
        catch (ArgumentException exception)
        {
            throw new CliException(exception.Message, exception);
        }
    }
}

/// <summary>The usual opponent of a learned model: BM25 over analyzed words.</summary>
internal sealed class Bm25Baseline(TextAnalyzer analyzer, Bm25Index index)
{
    public IReadOnlyList<(string Id, double Score)> Search(string query, int k) => index.Search(analyzer.Terms(query), k);
}
