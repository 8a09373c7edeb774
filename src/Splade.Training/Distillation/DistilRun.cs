using System.Globalization;
using System.Text.Json;
using Splade.Encoding;
using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;
using Splade.Lexical;
using Splade.Training.Data;
using Splade.Training.Native;
using Splade.Training.Plots;
using Splade.Training.Runs;
using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>
/// From plain text and a dense sentence encoder to a small sparse model: vocabulary, the teacher's vectors, training, export. Each stage leaves its result in
/// the run's folder, and a run that was stopped goes on behind the last one.
/// </summary>
internal sealed class DistilRun(RunFolder folder, DistilOptions options, IRunProgress progress)
{
    public const string OptionsFile = "distil.json";
    private readonly StageClock _clock = new(Path.Combine(folder.Root, "stages.json"), TimeProvider.System);

    private int Threads => options.Threads > 0 ? options.Threads : Environment.ProcessorCount;

    /// <exception cref="TrainingDataException">A source or the teacher can't be used.</exception>
    /// <exception cref="TorchUnavailableException">libtorch can't be loaded here.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        options.Validate();
        TorchRuntime.Require();
        set_num_threads(Threads);
        var sources = new DistilSources(options);
        var teacher = Teacher();
        var notes = options.Notes is { } file ? File.ReadAllText(file) : "";

        // From here on there is something to resume.
        folder.WriteOptions(options);
        var lexical = Kept("lexical.json", "vocabulary", () => Vocabulary(sources, teacher, cancellationToken));
        var tokenizer = new WordPieceTokenizer(lexical.Pieces, new WordPieceOptions());
        var texts = Kept("teacher-texts.json", "texts", () => TeacherTexts.Choose(sources.Passages(), sources.Questions(), options));
        var words = TeacherTexts.Words(lexical, word => Cut(tokenizer, word));
        progress.Message(string.Create(
            CultureInfo.InvariantCulture, $"{lexical.Pieces.Length} pieces, {lexical.MainPieces} of the main language; {words.Count} words and {texts.Length} texts for the teacher"));
        using var scope = NewDisposeScope();
        var wordVectors = Vectors([.. words.Select(w => w.Word)], "words", teacher, cancellationToken);
        var textVectors = Vectors(texts, "texts", teacher, cancellationToken);
        using var basis = TeacherBasis.Of(textVectors, options.Dimensions);
        progress.Message(string.Create(CultureInfo.InvariantCulture, $"{options.Dimensions} directions have {basis.Explained:P1} of the variance of the teacher's vectors"));
        bool[] hasWeight = [.. lexical.HasWeight.Take(lexical.MainPieces), false];
        float[] logIdf = [.. lexical.Idf.Take(lexical.MainPieces).Select(i => MathF.Log(i)), 0f];
        var embeddings = WordEmbeddings.Of(words, basis.ProjectCentred(wordVectors), hasWeight.Length, options.Seed);
        int[][] rows = [.. texts.Select(t => Rows(tokenizer, t, lexical.MainPieces))];
        var (network, cosine) = _clock.Measure("training", () => new BagTraining(folder, options, progress).Run(
            rows, hasWeight, basis.Project(textVectors), () => Fresh(embeddings, logIdf, tokenizer.SpecialIds), cancellationToken));
        using (network)
        {
            progress.Message(string.Create(CultureInfo.InvariantCulture, $"mean cosine to the teacher {cosine:0.000} on texts that were not trained on"));
            BagPackage.Write(folder.Package, network, BagExpansion.Of(network, logIdf, hasWeight, options), lexical);
        }

        MetricsPlot.Write(folder.MetricsFile, folder.Root);
        BagCard.Write(folder, options, lexical, texts.Length, cosine, _clock.Read(), notes);
        progress.Message($"model package written to {folder.Package}");
    }

    private LexicalModel Vocabulary(DistilSources sources, ModelPackage teacher, CancellationToken cancellationToken)
    {
        // The teacher's word list is a list of words in general use.
        var tokenizer = teacher.Documents.Tokenizer;
        var known = Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.Piece).Where(p => p.Length > 1 && p.All(char.IsAsciiLetterLower)).ToHashSet(StringComparer.Ordinal);
        return new LexicalModelBuilder(new LexicalModelOptions { MainClasses = options.MainClasses, KnownWords = known }).Learn(sources.All, progress.Message, cancellationToken);
    }

    /// <summary>A stage's result: of its file, else made and written there.</summary>
    private T Kept<T>(string file, string stage, Func<T> make)
    {
        var path = Path.Combine(folder.Root, file);
        if (!File.Exists(path))
        {
            var made = _clock.Measure(stage, make);
            RunFolder.WriteAtomically(path, partial => File.WriteAllBytes(partial, JsonSerializer.SerializeToUtf8Bytes(made)));
        }

        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path))!;
        }
        catch (JsonException exception)
        {
            throw new TrainingDataException($"{path} is damaged, delete it to have it made again: {exception.Message}", exception);
        }
    }

    private Tensor Vectors(string[] texts, string name, ModelPackage teacher, CancellationToken cancellationToken)
    {
        var rows = _clock.Measure($"teacher, {name}", () => TeacherVectors.Encode(
            texts, () => Open(teacher), Threads, Path.Combine(folder.Root, name + ".f16"), $"teacher: {name}", progress, cancellationToken));
        return tensor(rows.SelectMany(v => v).Select(v => (float)v).ToArray()).reshape(rows.Length, -1);
    }

    private ModelPackage Teacher()
    {
        try
        {
            var package = ModelPackage.Read(options.Teacher, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Teacher))));
            return package.Dense is not null ? package : throw new TrainingDataException($"The teacher {options.Teacher} makes sparse vectors: a dense sentence encoder is needed.");
        }
        catch (Exception exception) when (exception is ModelPackageException or IOException)
        {
            throw new TrainingDataException($"The teacher {options.Teacher} can't be used: {exception.Message}", exception);
        }
    }

    // One thread each: several encoders side by side lose less than several threads of one.
    private static OnnxDenseEncoder Open(ModelPackage teacher) => new(teacher, teacher.Name, new EncoderOptions { Threads = 1, BatchTexts = 64, BatchTokens = 1024 });

    private BagNetwork Fresh(Tensor embeddings, float[] logIdf, IEnumerable<int> special)
    {
        manual_seed(options.Seed);
        return BagNetwork.Create(embeddings, logIdf, special);
    }

    /// <summary>As the encoder will feed them: with special tokens, cut; pieces without a row of their own share the last.</summary>
    private static int[] Rows(WordPieceTokenizer tokenizer, string text, int other)
    {
        var ids = Cut(tokenizer, text).Take(BagNetwork.MaxPieces - tokenizer.Template.Length);
        return [.. tokenizer.Template.Prefix.Concat(ids).Concat(tokenizer.Template.Suffix).Select(id => Math.Min(id, other))];
    }

    private static int[] Cut(WordPieceTokenizer tokenizer, string text)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(text, pieces);
        return [.. pieces.Select(p => p.Id)];
    }
}
