using Splade.Lexical;
using Splade.Training.Data;

namespace Splade.Training.Distillation;

/// <summary>The texts of a distillation.</summary>
internal sealed class DistilSources
{
    private readonly DistilOptions _options;

    /// <exception cref="TrainingDataException">A source is missing or has another form.</exception>
    public DistilSources(DistilOptions options)
    {
        _options = options;
        try
        {
            TextSource[] given = [.. options.Sources.Select(TextSource.Parse)];
            All =
            [
                .. given,
                .. options.Beir.Select(f => new TextSource(
                    Path.GetFileName(Path.TrimEndingDirectorySeparator(f)), given[0].Language, JsonLines.Find(Path.Combine(f, "corpus.jsonl")))),
            ];
        }
        catch (FormatException exception)
        {
            throw new TrainingDataException(exception.Message, exception);
        }
    }

    /// <summary>Of all languages, the main one first.</summary>
    public TextSource[] All { get; }

    /// <summary>Passages of each source of the main language.</summary>
    public string[][] Passages() =>
    [
        .. All.Where(s => s.Language == All[0].Language).GroupBy(s => s.Name, StringComparer.Ordinal)
            .Select(g => g.SelectMany(s => s.Passages(int.MaxValue)).ToArray()),
    ];

    /// <summary>Questions of the training splits.</summary>
    public string[] Questions() =>
    [
        .. _options.Beir.SelectMany(f =>
        {
            var collection = BeirCollection.Read(f);
            var queries = collection.ReadQueries();
            return collection.ReadPositives("train").Judgements.Keys.Where(queries.ContainsKey).Select(q => queries[q]);
        }),
    ];
}
