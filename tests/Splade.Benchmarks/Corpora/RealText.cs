using Splade.Evaluation;

namespace Splade.Benchmarks.Corpora;

/// <summary>English passages and queries of the data folder that some checkouts have beside them (<c>../shared/data</c>).</summary>
internal sealed class RealText(string folder)
{
    private static readonly string[] Corpora = ["medquad", "reuters21578", "scifact", "openstax-sections", "npl", "cacm", "cisi", "cranfield"];

    /// <summary>Up to this many texts are cut to their first characters, like a model does.</summary>
    private const int MaxCharacters = 2000;

    /// <exception cref="DirectoryNotFoundException">There is no such folder; the message says what is expected.</exception>
    public static RealText Find(string? folder)
    {
        var found = folder ?? Upwards();
        return Directory.Exists(Path.Combine(found, "text"))
            ? new RealText(found)
            : throw new DirectoryNotFoundException($"{found} has no folder 'text'. Name a data folder with --data: text/*-en.txt.gz has a passage a line, NAME/corpus.jsonl are BEIR corpora, splade-queries/ real query vectors.");
    }

    /// <summary>Passages in an order that the seed gives, at most so many.</summary>
    public string[] Passages(int count, int seed, CancellationToken cancellationToken)
    {
        var passages = Directory.EnumerateFiles(Path.Combine(folder, "text"), "*-en.txt.gz").Order(StringComparer.Ordinal).SelectMany(TextFiles.Lines)
            .Concat(Corpora.SelectMany(Documents)).Until(cancellationToken).Where(p => p.Length > 0).Select(p => p[..Math.Min(p.Length, MaxCharacters)]).ToArray();
        new Random(seed).Shuffle(passages);
        return passages[..Math.Min(count, passages.Length)];
    }

    /// <summary>Vectors that SPLADE-v3 makes of MS MARCO's development queries.</summary>
    public string QueryVectors => Path.Combine(folder, "splade-queries", "msmarco-dev.splade-v3.jsonl.gz");

    /// <summary>Their texts.</summary>
    public IEnumerable<string> QueryTexts() => TextLines.In(Path.Combine(folder, "splade-queries", "msmarco-dev.queries.jsonl"));

    public string[] WordPieces() => [.. TextFiles.Lines(Path.Combine(folder, "tokenizers", "bert-base-uncased", "vocab.txt"))];

    private IEnumerable<string> Documents(string corpus) => TextFiles.Find(Path.Combine(folder, corpus, "corpus.jsonl")) is { } path ? TextLines.In(path) : [];

    private static string Upwards()
    {
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
        {
            if (File.Exists(Path.Combine(parent.FullName, "Splade.Cluster.sln")))
            {
                return Path.Combine(parent.Parent!.FullName, "shared", "data");
            }
        }

        return Path.Combine("..", "shared", "data");
    }
}
