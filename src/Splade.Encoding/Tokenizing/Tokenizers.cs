using Splade.Encoding.Packages;

namespace Splade.Encoding.Tokenizing;

/// <summary>Opens tokenizers by themselves, without a model.</summary>
public static class Tokenizers
{
    /// <param name="path">
    /// A model folder, tokenized as Hugging Face's fast tokenizer does it; or one file: a tokenizer.json, or a SentencePiece .model by its own rules.
    /// </param>
    /// <exception cref="ModelPackageException">No tokenizer, or one that is damaged or not supported.</exception>
    public static ITokenizer Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return TokenizerReader.Read(new PackageFiles(path), "");
        }

        return File.Exists(path)
            ? TokenizerReader.ReadFile(new PackageFiles(Path.GetDirectoryName(Path.GetFullPath(path))!), Path.GetFileName(path))
            : throw new ModelPackageException(path, "There is no such folder or file.");
    }

    /// <summary>
    /// The same ids for libraries that take a tokenizer of Microsoft.ML.Tokenizers (chunking, counting tokens). Places are in the text as given; the
    /// template is left out; normalization and pre-tokenization can't be switched off.
    /// </summary>
    public static Microsoft.ML.Tokenizers.Tokenizer AsMicrosoftTokenizer(this ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new MicrosoftTokenizer(tokenizer);
    }
}
