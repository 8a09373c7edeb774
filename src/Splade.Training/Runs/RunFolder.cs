using System.Text.Json;
using System.Text.Json.Serialization;

namespace Splade.Training.Runs;

/// <summary>The folder <c>training</c> inside of the package that a run makes: options, vocabulary, examples, checkpoint, metrics and plot.</summary>
/// <remarks>Each kind of run has an options file of its own, so that none goes on with another's.</remarks>
internal sealed class RunFolder
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) } };

    /// <param name="options">Name of the options file.</param>
    public RunFolder(string package, string options = "options.json")
    {
        Package = Path.GetFullPath(package);
        Root = Path.Combine(Package, "training");
        OptionsFile = Path.Combine(Root, options);
    }

    public string Package { get; }

    public string Root { get; }

    public string VocabularyFile => Path.Combine(Root, "vocab.txt");

    public string ExamplesFile => Path.Combine(Root, "examples.jsonl");

    /// <summary>Passages of the texts, to be indexed with the model.</summary>
    public string CorpusFile => Path.Combine(Root, "corpus.jsonl");

    public string ScoresFile => Path.Combine(Root, "teacher-scores.jsonl");

    public string MetricsFile => Path.Combine(Root, "metrics.jsonl");

    public string CheckpointFolder => Path.Combine(Root, "checkpoint");

    private string OptionsFile { get; }

    public bool HasRun => File.Exists(OptionsFile);

    /// <exception cref="Data.TrainingDataException">There can be no such folder.</exception>
    public void WriteOptions<T>(T options)
    {
        if (File.Exists(Package))
        {
            throw new Data.TrainingDataException($"--out {Package} is a file: a model package is a folder.");
        }

        WriteAtomically(OptionsFile, file => File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(options, Json)));
    }

    /// <summary>There is nothing to resume any more.</summary>
    public void DeleteOptions() => File.Delete(OptionsFile);

    public static JsonElement ToJson<T>(T options) => JsonSerializer.SerializeToElement(options, Json);

    /// <summary>Whether the run was started with these options.</summary>
    public bool HasOptions(TrainOptions options) =>
        File.ReadAllBytes(OptionsFile).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(options, Json));

    /// <exception cref="Data.TrainingDataException">There is no run to resume, or its options can't be read.</exception>
    public T ReadOptions<T>()
    {
        if (!HasRun)
        {
            throw new Data.TrainingDataException(
                $"There is no training run in {Package} to resume: it has no training/{Path.GetFileName(OptionsFile)}. Start it with its options, without --resume.");
        }

        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(OptionsFile), Json) ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            throw new Data.TrainingDataException($"{OptionsFile} is damaged: {exception.Message}", exception);
        }
    }

    /// <summary>What a run made that ended before its inputs were known to be good; another run must not take it for its own.</summary>
    public void DeleteLeftovers()
    {
        foreach (var file in new[] { VocabularyFile, ExamplesFile, ScoresFile, CorpusFile }.Where(f => !HasRun && File.Exists(f)))
        {
            File.Delete(file);
        }
    }

    /// <summary>A file is there whole or not at all, whenever the process ends.</summary>
    public static void WriteAtomically(string path, Action<string> write)
    {
        var partial = path + ".partial";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        write(partial);
        File.Move(partial, path, overwrite: true);
    }
}
