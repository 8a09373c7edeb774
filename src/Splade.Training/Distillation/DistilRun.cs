using System.Globalization;
using System.Text.Json;
using Splade.Encoding;
using Splade.Encoding.Packages;
using Splade.Encoding.Tokenizing;
using Splade.Lexical;
using Splade.Training.Data;
using Splade.Training.Native;
using Splade.Training.Runs;
using static TorchSharp.torch;

namespace Splade.Training.Distillation;

/// <summary>
/// From plain text and a dense sentence encoder to a small sparse model: vocabulary, teacher outputs, training, export. Each stage leaves its result in
/// the run's folder, and a run that was stopped goes on behind the last one.
/// </summary>
internal sealed class DistilRun(RunFolder folder, DistilOptions options, IRunProgress progress)
{
    public void Run(CancellationToken cancellationToken)
    {
        options.Validate();
        TorchRuntime.Require();
        var sources = Sources();
        var lexical = Vocabulary(sources, cancellationToken);
        var tokenizer = new WordPieceTokenizer(lexical.Pieces, new WordPieceOptions());
        var words = TeacherTexts.Words(lexical, word => Cut(tokenizer, word));
        var texts = Texts(sources);
        progress.Message(string.Create(CultureInfo.InvariantCulture, $"{lexical.Pieces.Length} pieces, {lexical.MainPieces} of the main language; {words.Count} words, {texts.Length} texts for the teacher"));
        var wordVectors = TeacherVectors.Encode([.. words.Select(w => w.Word)], OpenTeacher, Threads, Path.Combine(folder.Root, "words.f16"), "teacher: words", progress, cancellationToken);
        var textVectors = TeacherVectors.Encode(texts, OpenTeacher, Threads, Path.Combine(folder.Root, "texts.f16"), "teacher: texts", progress, cancellationToken);
        set_num_threads(Threads);
        using var scope = NewDisposeScope();
        var rows = lexical.MainPieces + 1;
        bool[] counted = [.. lexical.HasWeight.Take(lexical.MainPieces), false];
        float[] logIdf = [.. lexical.Idf.Take(lexical.MainPieces).Select(i => MathF.Log(i)), 0f];
        using var basis = TeacherBasis.Of(Matrix(textVectors), options.Dimensions);
        progress.Message(string.Create(CultureInfo.InvariantCulture, $"{options.Dimensions} directions have {basis.Explained:P1} of the teacher's variance"));
        var embeddings = WordEmbeddings.Of(words, basis.ProjectCentred(Matrix(wordVectors)), rows, options.Seed);
        int[][] ids = [.. texts.Select(t => Rows(tokenizer, t, rows - 1))];
        var (network, cosine) = new BagTraining(folder, options, progress).Run(
            ids, counted, basis.Project(Matrix(textVectors)), () => Fresh(embeddings, logIdf, tokenizer.SpecialIds), cancellationToken);
        using (network)
        {
            progress.Message(string.Create(CultureInfo.InvariantCulture, $"cosine to the teacher {cosine:0.000} on texts that were not trained on"));
            BagPackage.Write(folder.Package, network, BagExpansion.Of(network, logIdf, counted, options), lexical);
        }

        progress.Message($"model package written to {folder.Package}");
    }

    private int Threads => options.Threads > 0 ? options.Threads : Environment.ProcessorCount;

    private BagNetwork Fresh(Tensor embeddings, float[] logIdf, IEnumerable<int> special)
    {
        manual_seed(options.Seed);
        return BagNetwork.Create(embeddings, logIdf, special);
    }

    private static Tensor Matrix(Half[][] vectors) =>
        tensor(vectors.SelectMany(v => v).Select(v => (float)v).ToArray()).reshape(vectors.Length, -1);

    /// <summary>As the encoder will feed them: with special tokens, cut; pieces without a row of their own share the last.</summary>
    private static int[] Rows(WordPieceTokenizer tokenizer, string text, int other)
    {
        var ids = Cut(tokenizer, text).Take(BagNetwork.MaxPieces - tokenizer.Template.Length);
        return [.. tokenizer.Template.Prefix.Concat(ids).Concat(tokenizer.Template.Suffix).Select(id => Math.Min(id, other))];
    }

    private static int[] Cut(WordPieceTokenizer tokenizer, string word)
    {
        var pieces = new List<PieceOccurrence>();
        tokenizer.Encode(word, pieces);
        return [.. pieces.Select(p => p.Id)];
    }

    private TextSource[] Sources()
    {
        try
        {
            var sources = options.Sources.Select(TextSource.Parse).ToArray();
            return [.. sources, .. options.Beir.Select(f => new TextSource(Path.GetFileName(Path.TrimEndingDirectorySeparator(f)), sources[0].Language, JsonLines.Find(Path.Combine(f, "corpus.jsonl"))))];
        }
        catch (FormatException exception)
        {
            throw new TrainingDataException(exception.Message, exception);
        }
    }

    private LexicalModel Vocabulary(TextSource[] sources, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder.Root, "lexical.json");
        if (!File.Exists(path))
        {
            var known = OpenTeacherPackage().Documents.Tokenizer is { } teacher
                ? Enumerable.Range(0, teacher.VocabularySize).Select(teacher.Piece).Where(p => p.Length > 1 && p.All(char.IsAsciiLetterLower)).ToHashSet(StringComparer.Ordinal)
                : [];
            var settings = new LexicalModelOptions { MainClasses = options.MainClasses, KnownWords = known };
            var lexical = new LexicalModelBuilder(settings).Learn(sources, progress.Message, cancellationToken);
            Directory.CreateDirectory(folder.Root);
            RunFolder.WriteAtomically(path, file => File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(lexical)));
        }

        return JsonSerializer.Deserialize<LexicalModel>(File.ReadAllBytes(path))!;
    }

    private string[] Texts(TextSource[] sources)
    {
        var path = Path.Combine(folder.Root, "teacher-texts.json");
        if (!File.Exists(path))
        {
            progress.Message("choosing texts");
            string[][] passages =
            [
                .. sources.Where(s => s.Language == sources[0].Language).GroupBy(s => s.Name).Select(g => g.SelectMany(s => s.Passages(int.MaxValue)).ToArray()),
            ];
            var questions = options.Beir.SelectMany(f =>
            {
                var collection = BeirCollection.Read(f);
                var queries = collection.ReadQueries();
                return collection.ReadPositives("train").Judgements.Keys.Where(queries.ContainsKey).Select(q => queries[q]);
            }).ToArray();
            var texts = TeacherTexts.Choose(passages, questions, options);
            RunFolder.WriteAtomically(path, file => File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(texts)));
        }

        return JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(path))!;
    }

    private ModelPackage OpenTeacherPackage() => ModelPackage.Read(options.Teacher, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Teacher))));

    private OnnxDenseEncoder OpenTeacher() =>
        new(OpenTeacherPackage(), options.Teacher, new EncoderOptions { Threads = 1, BatchTexts = 64, BatchTokens = 1024 });
}
