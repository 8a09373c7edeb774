using System.Text.Json;
using Splade.Encoding.Onnx;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Packages;

/// <summary>
/// The longest input of a transformer in tokens, special tokens included: splade.json, else sentence_bert_config.json, else the smaller of
/// tokenizer_config.json and config.json (without one, the rows of an ONNX file's position table); never more than the model has positions for.
/// </summary>
internal static class MaxLength
{
    private const int Default = 512;

    // Their positions begin after that of the padding.
    private static readonly string[] PositionsAfterPadding = ["roberta", "xlm-roberta", "camembert"];

    /// <param name="setting">What splade.json says, or null.</param>
    /// <exception cref="ModelPackageException">There is no room for a text.</exception>
    public static int Read(PackageFiles files, string folder, int? setting, ITokenizer tokenizer, WeightFiles weights)
    {
        var tokenizerFile = PackageFiles.Join(folder, "tokenizer_config.json");
        if (JsonFields.Text(files.ReadObject(tokenizerFile), "truncation_side") == "left")
        {
            throw files.Error(tokenizerFile, "The truncation_side is [left]: long texts lose their ends here, not their beginnings. Set it to [right] if that is as good.");
        }

        var config = files.ReadObject(PackageFiles.Join(folder, "config.json"));
        var positions = config is null && weights.Config is null ? OnnxFile.PositionRows(weights.Path) : Positions(config);
        var max = setting
            ?? Limit("sentence_bert_config.json", "max_seq_length")
            ?? Limit("tokenizer_config.json", "model_max_length")
            ?? positions ?? Default;
        max = Math.Min(max, positions ?? max);
        return max > tokenizer.Template.Length
            ? max
            : throw files.Error(tokenizerFile, $"A maximum length of {max} tokens leaves no room for a text.");

        int? Limit(string name, string field)
        {
            var file = PackageFiles.Join(folder, name);
            return JsonFields.Limit(files.ReadObject(file), field, files.PathOf(file));
        }
    }

    private static int? Positions(JsonElement? config)
    {
        var rows = JsonFields.Number(config, "max_position_embeddings");
        return PositionsAfterPadding.Contains(JsonFields.Text(config, "model_type")) ? rows - (JsonFields.Number(config, "pad_token_id") ?? 1) - 1 : rows;
    }
}
