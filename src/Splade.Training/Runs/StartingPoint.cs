using Splade.Encoding;
using Splade.Encoding.Packages;
using Splade.Encoding.Safetensors;
using Splade.Encoding.Tokenizing;
using Splade.Lexical;
using Splade.Training.Data;
using Splade.Training.Networks;
using Splade.Training.Vocabulary;

namespace Splade.Training.Runs;

/// <summary>Tokenizer and shape of the network that a run trains: of a checkpoint, or made from the texts.</summary>
/// <param name="TokenizerFiles">Files that the package gets.</param>
/// <param name="MaskId">[MASK].</param>
/// <param name="CheckpointWeights">model.safetensors or its index; null from scratch.</param>
internal sealed record StartingPoint(ITokenizer Tokenizer, IReadOnlyList<string> TokenizerFiles, int MaskId, BertConfig Config, string? CheckpointWeights)
{
    private static readonly string[] WeightFileNames = ["model.safetensors", "model.safetensors.index.json"];
    private static readonly string[] TokenizerFileNames = ["vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"];

    /// <exception cref="TrainingDataException">The checkpoint can't be trained.</exception>
    public static StartingPoint OfCheckpoint(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainingDataException($"There is no folder {folder} to start from.");
        }

        try
        {
            var files = new PackageFiles(folder);
            var layout = PackageLayout.Read(files).Documents.Folder;
            var config = BertConfig.Read(files.PathOf(PackageFiles.Join(layout, "config.json")));
            var tokenizer = TokenizerReader.Read(files, layout);
            var weights = WeightFileNames.Select(n => PackageFiles.Join(layout, n)).FirstOrDefault(files.Has)
                ?? throw new TrainingDataException($"{folder} has no model.safetensors.");
            if (tokenizer.VocabularySize > config.VocabularySize)
            {
                throw new TrainingDataException($"{folder}: the tokenizer has {tokenizer.VocabularySize} pieces, the network only {config.VocabularySize}.");
            }

            return new StartingPoint(
                tokenizer,
                [.. TokenizerFileNames.Select(n => PackageFiles.Join(layout, n)).Where(files.Has).Select(files.PathOf)],
                MaskOf(tokenizer),
                config,
                files.PathOf(weights));
        }
        catch (Exception exception) when (exception is ModelPackageException or FormatException or IOException)
        {
            throw new TrainingDataException(exception.Message, exception);
        }
    }

    /// <summary>From scratch; the vocabulary is learned once and kept in the run's folder.</summary>
    public static StartingPoint OfTexts(RunFolder folder, TrainOptions options, Func<IEnumerable<string>> texts, IRunProgress progress)
    {
        if (!File.Exists(folder.VocabularyFile))
        {
            progress.Message($"learning a vocabulary of {options.VocabularySize} pieces");
            var counts = WordPieceVocabulary.CountWords(texts(), new WordPieceOptions());
            if (counts.Count == 0)
            {
                throw new TrainingDataException("There are no words in what was given to train on.");
            }

            var pieces = options.Vocabulary == VocabularyKind.Stems ? Stems(counts, options) : WordPieceVocabulary.Learn(counts, options.VocabularySize);
            RunFolder.WriteAtomically(folder.VocabularyFile, file => File.WriteAllText(file, string.Join('\n', pieces) + "\n"));
            progress.Message($"{pieces.Length} pieces from {counts.Count} different words");
        }

        var vocabulary = File.ReadAllText(folder.VocabularyFile).TrimEnd('\n').Split('\n');
        var tokenizer = new WordPieceTokenizer(vocabulary, new WordPieceOptions());
        return new StartingPoint(tokenizer, [folder.VocabularyFile], MaskOf(tokenizer), options.Preset.Config(vocabulary.Length, options.MaxLength), null);
    }

    public ModelWeights? OpenCheckpoint() => CheckpointWeights is null ? null : ModelWeights.Open(CheckpointWeights);

    private static string[] Stems(Dictionary<string, long> counts, TrainOptions options)
    {
        // Three quarters of the pieces for word classes; the rest are endings, characters, numbers and pieces of rare words.
        var settings = new LexicalModelOptions { MainClasses = options.VocabularySize * 3 / 4, FallbackPieces = options.VocabularySize / 16 };
        var words = counts.ToDictionary(c => c.Key, c => (int)Math.Min(c.Value, int.MaxValue), StringComparer.Ordinal);
        var language = new LanguageWords(options.Language);
        language.Add(words);
        return StemVocabulary.Learn([language], settings).Pieces;
    }

    private static int MaskOf(ITokenizer tokenizer) =>
        tokenizer.SpecialIds.Order().Cast<int?>().FirstOrDefault(id => tokenizer.Piece(id!.Value) is "[MASK]" or "<mask>")
        ?? throw new TrainingDataException("The tokenizer has no [MASK] token.");
}
