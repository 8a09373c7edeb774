using System.Globalization;
using System.Text;
using Splade.Lexical;
using Splade.Training.Runs;

namespace Splade.Training.Distillation;

/// <summary>README.md of a distilled package: what it is and how it was made, and what the notes of its maker say. Claims nothing that was not measured.</summary>
internal static class BagCard
{
    /// <param name="cosine">To the teacher, on texts that were not trained on.</param>
    /// <param name="notes">Markdown.</param>
    public static void Write(
        RunFolder folder, DistilOptions options, LexicalModel lexical, int texts, double cosine, IReadOnlyDictionary<string, StageTime> stages, string notes)
    {
        var card = new StringBuilder();
        var main = options.Sources[0].Split('=', ':')[1];
        var teacher = Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Teacher));
        string[] others = [.. options.Sources.Select(s => s.Split('=', ':')[1]).Distinct().Where(l => l != main)];
        Line($"---");
        if (options.License is { } license)
        {
            Line($"license: {license}");
        }

        Line($"tags: [sparse-encoder, inference-free]");
        Line($"pipeline_tag: feature-extraction");
        Line($"---");
        Line($"# {Path.GetFileName(folder.Package)}");
        Line($"");
        Line($"A small sparse model. A document's vector has its own words, stemmed and weighted by saturated term frequency, and up to {options.ExpansionTerms} pieces that a bag-of-pieces network");
        Line($"finds near the text's meaning. Queries run without a network: term counts times inverse document frequency, blended with the collection's.");
        Line($"");
        Line($"{lexical.Pieces.Length:N0} pieces, of which {lexical.MainPieces:N0} ({main}) have an embedding of {options.Dimensions} dimensions, int8. The expansion is for {main}; texts in other languages{(others.Length > 0 ? $" ({string.Join(", ", others)})" : "")} get none and are matched by their words.");
        Line($"The expansion reads the first {BagNetwork.MaxPieces} pieces of a text, the words count up to {new LexicalModelOptions().MaxTokens}.");
        Line($"");
        Line($"## How it was made");
        Line($"");
        Line($"`splade train distil`, seed {options.Seed}, {options.Steps:N0} steps, on the CPU. {texts:N0} sentences, questions and passages, and the words of the vocabulary, were embedded by the teacher");
        Line($"`{teacher}`; only these vectors were used, none of its weights. Mean cosine to the teacher on held-out texts: {cosine.ToString("0.000", CultureInfo.InvariantCulture)}.");
        Line($"");
        Line($"| stage | minutes | processor minutes |");
        Line($"|---|---|---|");
        foreach (var (stage, time) in stages)
        {
            Line($"| {stage} | {time.Seconds / 60:0.0} | {time.ProcessorSeconds / 60:0.0} |");
        }

        Line($"");
        Line($"| language | source |");
        Line($"|---|---|");
        foreach (var source in options.Sources.Select(s => (Name: s.Split('=')[0], Language: s.Split('=', ':')[1])).Concat(options.Beir.Select(b => (Name: Path.GetFileName(Path.TrimEndingDirectorySeparator(b)), Language: main))))
        {
            Line($"| {source.Language} | {source.Name} |");
        }

        if (notes.Length > 0)
        {
            Line($"");
            card.Append(notes.TrimEnd()).Append('\n');
        }

        File.WriteAllText(Path.Combine(folder.Package, "README.md"), card.ToString());

        void Line(FormattableString line) => card.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
