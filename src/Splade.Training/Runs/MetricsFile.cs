using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Splade.Training.Steps;

namespace Splade.Training.Runs;

/// <summary>One JSON object a step: metrics.jsonl.</summary>
internal sealed class MetricsFile : IDisposable
{
    /// <summary>Steps that means at the end of a run are taken over.</summary>
    public const int LastSteps = 50;

    private readonly StreamWriter _writer;

    /// <summary>Opens the file behind the steps that the checkpoint has; what a killed run wrote after it is dropped.</summary>
    public MetricsFile(string path, RunStage stage, int step)
    {
        var kept = File.Exists(path) ? Read(path).Where(m => m.Stage < stage || (m.Stage == stage && m.Step <= step)).Select(m => m.Line).ToArray() : [];
        RunFolder.WriteAtomically(path, file => File.WriteAllLines(file, kept));
        _writer = new StreamWriter(path, append: true) { AutoFlush = true };
    }

    /// <param name="step">1 for the first step.</param>
    public void Add(RunStage stage, int step, StepReport report, TimeSpan duration)
    {
        var json = new JsonObject
        {
            ["stage"] = Name(stage), ["step"] = step, ["loss"] = Number(report.Loss), ["base_loss"] = Number(report.BaseLoss),
            ["document_regularizer_loss"] = Number(report.DocumentRegularizer), ["query_regularizer_loss"] = Number(report.QueryRegularizer),
            ["gradient_norm"] = Number(report.GradientNorm), ["learning_rate"] = Number(report.LearningRate),
            ["document_terms"] = Number(report.DocumentTerms), ["query_terms"] = Number(report.QueryTerms), ["seconds"] = Math.Round(duration.TotalSeconds, 4),
        };
        _writer.WriteLine(json.ToJsonString());
    }

    /// <summary>Lines of a metrics file; one that a kill cut off is left out.</summary>
    public static IEnumerable<(RunStage Stage, int Step, JsonElement Values, string Line)> Read(string path)
    {
        foreach (var line in File.ReadLines(path))
        {
            JsonElement json;
            try
            {
                json = JsonSerializer.Deserialize<JsonElement>(line);
            }
            catch (JsonException)
            {
                continue;
            }

            yield return (json.GetProperty("stage").GetString() == Name(RunStage.Pretraining) ? RunStage.Pretraining : RunStage.Training, json.GetProperty("step").GetInt32(), json, line);
        }
    }

    /// <summary>Mean terms of a document over the last steps of training; null where none was trained.</summary>
    public static double? LastTerms(string path)
    {
        var terms = Read(path).Where(m => m.Stage == RunStage.Training).Select(m => m.Values.GetProperty("document_terms").GetDouble()).TakeLast(LastSteps).ToArray();
        return terms.Length > 0 ? terms.Average() : null;
    }

    public void Dispose() => _writer.Dispose();

    private static string Name(RunStage stage) => stage.ToString().ToLowerInvariant();

    // As many digits as a float32 has, so that a file can be compared with another run's.
    private static JsonNode Number(double value) => JsonNode.Parse(((float)value).ToString("R", CultureInfo.InvariantCulture))!;
}
