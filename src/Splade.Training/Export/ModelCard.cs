using System.Globalization;
using System.Text;
using System.Text.Json;
using Splade.Training.Runs;

namespace Splade.Training.Export;

/// <summary>README.md of a trained package: what it is, what it was trained on, with which settings, and what it ended with. Claims nothing that was not measured.</summary>
internal static class ModelCard
{
    /// <param name="options">As options.json has them; those that differ from the defaults are shown.</param>
    public static void Write(RunFolder folder, JsonElement options, JsonElement defaults, int vocabulary, long parameters, int maxLength)
    {
        var card = new StringBuilder();
        Line($"---");
        Line($"tags: [sparse-encoder, splade]");
        Line($"pipeline_tag: feature-extraction");
        Line($"---");
        Line($"# {Path.GetFileName(folder.Package)}");
        Line($"");
        Line($"A SPLADE model: texts become sparse vectors over {vocabulary} pieces. {parameters:N0} parameters, up to {maxLength} tokens, float32. Trained with Splade.Cluster (`splade train`).");
        Line($"Its quality has not been measured here: `splade tune --data BEIR_FOLDER --model {Path.GetFileName(folder.Package)}`. Its licence depends on the texts it was trained on.");
        Line($"");
        Line($"| setting | value |");
        Line($"|---|---|");
        foreach (var option in options.EnumerateObject().Where(o => !defaults.TryGetProperty(o.Name, out var usual) || usual.GetRawText() != o.Value.GetRawText()))
        {
            Line($"| {option.Name} | `{option.Value.GetRawText().ReplaceLineEndings("").Replace("  ", "", StringComparison.Ordinal)}` |");
        }

        Line($"| seed | {options.GetProperty(nameof(TrainOptions.Seed)).GetInt32()} |");
        Line($"");
        Line($"Everything else has its default; all of it is in `training/options.json`.");
        if (File.Exists(folder.MetricsFile))
        {
            WriteCourse(folder.MetricsFile);
        }

        File.WriteAllText(Path.Combine(folder.Package, "README.md"), card.ToString());

        void WriteCourse(string metrics)
        {
            foreach (var stage in MetricsFile.Read(metrics).GroupBy(m => m.Stage))
            {
                var rows = stage.ToArray();
                var last = rows[^Math.Min(rows.Length, MetricsFile.LastSteps)..];
                var terms = stage.Key == RunStage.Training ? string.Create(CultureInfo.InvariantCulture, $", {MetricsFile.LastTerms(metrics):0} terms a document") : "";
                Line($"");
                Line($"{stage.Key}: {rows.Length} steps in {rows.Sum(r => r.Values.GetProperty("seconds").GetDouble()) / 60:0} minutes; mean loss of the last {last.Length} steps {last.Average(r => r.Values.GetProperty("loss").GetDouble()):0.000}{terms}.");
            }
        }

        void Line(FormattableString line) => card.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
