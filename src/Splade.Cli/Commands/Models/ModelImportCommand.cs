using System.CommandLine;
using System.Globalization;
using Splade.Encoding;
using Splade.Encoding.Import;

namespace Splade.Cli.Commands.Models;

/// <summary><c>splade model import</c>: a model folder as its users have it becomes a model of this node.</summary>
internal static class ModelImportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A Hugging Face or sentence-transformers folder: safetensors or ONNX weights, tokenizer, settings." };
        var name = new Option<string?>("--name") { Description = "Name of the model, for inference_id in mappings; default that of the folder." };
        var int8 = new Option<bool>("--int8") { Description = "Quantise the weights to eight bits: about four times smaller and faster on the CPU; prints what it costs." };
        var force = new Option<bool>("--force") { Description = "Replace a model of that name. Nodes that run notice within seconds; an index with documents of the old model refuses other weights." };
        var data = ModelOptions.Data();
        var command = new Command(
            "import",
            "Import a sparse (SPLADE) or dense (text_embedding) model. Safetensors of BERT, DistilBERT, RoBERTa, XLM-R, CamemBERT and ModernBERT are turned into ONNX; an ONNX file is taken as it is and gets the SPLADE head where it has none.\n\nExample: splade model import ./opensearch-neural-sparse-encoding-doc-v3-distill --name doc-v3 --int8")
        {
            folder, name, int8, force, data,
        };
        command.Run((parsed, cancellationToken) => ImportAsync(
            parsed.GetValue(folder)!, new ImportOptions(parsed.GetValue(name), parsed.GetValue(int8), parsed.GetValue(force)), parsed.GetValue(data)!, cancellationToken));
        return command;
    }

    /// <summary>Imports a folder and prints what it is.</summary>
    public static async Task<int> ImportAsync(string folder, ImportOptions options, string data, CancellationToken cancellationToken)
    {
        var report = await Task.Run(() => ModelImporter.Import(folder, data, options, Console.Error.WriteLine, cancellationToken), cancellationToken).ConfigureAwait(false);
        await Console.Out.WriteAsync(Describe(report)).ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private static string Describe(ImportReport report)
    {
        var text = new System.Text.StringBuilder();
        Line($"model      {report.Model.Name} ({report.Model.Task.Name()}) in {report.Folder}");
        Line($"weights    {report.Architecture}, from {report.Weights}; {ConsoleProgress.Bytes(report.Bytes)}");
        if (report.Model.Task == ModelTask.SparseEmbedding)
        {
            Line($"vectors    over {report.Model.VocabularySize} pieces; queries {(report.Model.InferenceFreeQueries ? "from a table of weights" : report.OwnQueryModel ? "through a model of their own" : "through the model")}");
        }
        else
        {
            Line($"vectors    {report.Dimensions} dimensions");
        }

        if (report.Model.Similarity == Similarity.Cosine)
        {
            Line($"           {ModelSummary.CosineSetting}");
        }

        Line($"texts      up to {report.Model.MaxTokens} tokens");
        Line($"licence    {report.Licence ?? "not stated in the package: look it up where the model comes from"}");
        if (report.Sample is { } sample)
        {
            Line($"sample     {sample.MeanNonZero:0.0} terms a text on average, {sample.MostNonZero} at most, of {sample.Texts} texts");
            Line($"           \"{sample.Text}\"");
            Line($"           {string.Join(", ", sample.TopTerms.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Term} {t.Weight:0.00}")))}");
        }

        if (report.Loss is { } loss)
        {
            var terms = report.Sample is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; {loss.Int8MeanNonZero:0.0} terms a text against {loss.MeanNonZero:0.0}");
            Line($"int8       cosine to float32 {loss.MeanCosine:0.0000} on average, {loss.LowestCosine:0.0000} at least, of {loss.Texts} texts{terms}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}
