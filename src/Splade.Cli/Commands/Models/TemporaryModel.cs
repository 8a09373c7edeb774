using System.Globalization;
using System.Text.RegularExpressions;
using Splade.Encoding;
using Splade.Encoding.Benchmarking;
using Splade.Encoding.Import;

namespace Splade.Cli.Commands.Models;

/// <summary>A model that is there for a measurement only.</summary>
internal sealed partial class TemporaryModel : IDisposable
{
    private const int RandomVocabulary = 30_522;
    private const string Quantized = "quantized";
    private readonly string _root;

    private TemporaryModel(string root, string folder)
    {
        _root = root;
        Folder = folder;
    }

    public string Folder { get; }

    /// <param name="size">Layers x width.</param>
    /// <exception cref="CliException">It is no size.</exception>
    public static TemporaryModel Random(string size, ModelRegistry registry)
    {
        var match = Size().Match(size);
        if (!match.Success)
        {
            throw new CliException($"--random {size} is no size: expected layers x width, such as 6x384.");
        }

        var folder = Directory.CreateTempSubdirectory("splade-random-").FullName;
        string[] vocabulary = [.. File.ReadLines(Path.Combine(registry.Find(ModelRegistry.DefaultModel), "vocab.txt")).Take(RandomVocabulary)];
        RandomModel.Write(folder, Number(match.Groups[1]), Number(match.Groups[2]), vocabulary);
        return new TemporaryModel(folder, folder);

        static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);
    }

    /// <summary>A model in int8.</summary>
    public static async Task<TemporaryModel> QuantizeAsync(string folder, CancellationToken cancellationToken)
    {
        var root = Directory.CreateTempSubdirectory("splade-int8-").FullName;
        try
        {
            var report = await Task.Run(
                () => ModelImporter.Import(folder, root, new ImportOptions(Quantized, Int8: true, Force: false), Console.Error.WriteLine, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            return new TemporaryModel(root, report.Folder);
        }
        catch
        {
            Directory.Delete(root, recursive: true);
            throw;
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [GeneratedRegex("^([0-9]{1,2})x([0-9]{2,4})$")]
    private static partial Regex Size();
}
