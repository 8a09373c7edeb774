namespace Splade.Training.Data;

/// <summary>The texts and examples that the options name, read from their files.</summary>
internal sealed class TrainingTexts(TrainOptions options)
{
    private const int ScoredNegatives = 30;
    private readonly Dictionary<string, BeirCollection> _collections = new(StringComparer.Ordinal);

    /// <summary>Looks for every file before anything slow begins.</summary>
    /// <exception cref="TrainingDataException">One is not there.</exception>
    public void CheckPaths()
    {
        foreach (var path in options.Text.Where(t => !Directory.Exists(t)).Concat(options.Examples).Concat(options.Scored.Select(s => Split(s).File)))
        {
            JsonLines.Find(path);
        }

        string?[] folders = [.. options.Beir, .. options.Scored.Select(s => Split(s).Folder), options.Collection];
        foreach (var folder in folders.OfType<string>())
        {
            JsonLines.Find(Path.Combine(folder, "corpus.jsonl"));
            JsonLines.Find(Path.Combine(folder, "queries.jsonl"));
        }
    }

    /// <summary>Passages for vocabulary and pretraining: of --text, else the documents and queries of the examples; evenly taken where there are too many.</summary>
    public IEnumerable<string> Passages()
    {
        var all = options.Text.Length > 0
            ? options.Text.SelectMany(PassageReader.Read)
            : options.Beir.Concat(options.Scored.Select(s => Split(s).Folder)).Distinct(StringComparer.Ordinal).SelectMany(f => Collection(f).Documents.Values)
                .Concat(options.Examples.SelectMany(f => ExampleFile.Read(f, Ids)).SelectMany(e => new[] { e.Query, e.Positive }).Distinct(StringComparer.Ordinal));
        var passages = all.ToArray();
        var step = Math.Max(1, (passages.Length + options.Passages - 1) / options.Passages);
        return passages.Where((_, i) => i % step == 0);
    }

    /// <summary>Examples as the files have them, without mined negatives; from text alone by the inverse cloze task.</summary>
    public List<TrainingExample> Examples()
    {
        var examples = new List<TrainingExample>();
        foreach (var folder in options.Beir)
        {
            var collection = Collection(folder);
            var queries = collection.ReadQueries();
            var (positives, _) = collection.ReadPositives(options.Split);
            examples.AddRange(positives.Where(p => queries.ContainsKey(p.Query)).Select(p => new TrainingExample(queries[p.Query], collection.Documents[p.Document], [])));
        }

        foreach (var scored in options.Scored)
        {
            var (folder, file) = Split(scored);
            examples.AddRange(TeacherScoreFile.Read(file, Collection(folder), options.Signal, ScoredNegatives));
        }

        examples.AddRange(options.Examples.SelectMany(f => ExampleFile.Read(f, Ids)));

        // Collections have documents without a text.
        examples.RemoveAll(e => string.IsNullOrWhiteSpace(e.Query) || string.IsNullOrWhiteSpace(e.Positive));
        return options.HasExamples ? examples : [.. InverseCloze.Read(Passages(), new Random(options.Seed))];
    }

    /// <summary>Documents among which hard negatives are looked for: of the BEIR folders, and the positives of the other examples.</summary>
    public IReadOnlyList<string> Documents(IReadOnlyList<TrainingExample> examples) =>
        [.. options.Beir.SelectMany(f => Collection(f).Documents.Values).Concat(examples.Select(e => e.Positive)).Distinct(StringComparer.Ordinal)];

    private BeirCollection? Ids => options.Collection is { } folder ? Collection(folder) : null;

    private BeirCollection Collection(string folder)
    {
        if (!_collections.TryGetValue(folder, out var collection))
        {
            _collections.Add(folder, collection = BeirCollection.Read(folder));
        }

        return collection;
    }

    private static (string Folder, string File) Split(string scored)
    {
        var equals = scored.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < scored.Length - 1
            ? (scored[..equals], scored[(equals + 1)..])
            : throw new TrainingDataException($"--scored {scored}: expected FOLDER=FILE, a BEIR folder and its file of teacher scores.");
    }
}
