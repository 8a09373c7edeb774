using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>How raw logits become one vector.</summary>
/// <param name="Sum">Sum over the positions (SPLADE v1) instead of the maximum (v2).</param>
/// <param name="TwiceLog">log(1 + log(1 + ReLU(z))) (OpenSearch v3) instead of log(1 + ReLU(z)).</param>
internal sealed record Pooling(bool Sum, bool TwiceLog)
{
    public static Pooling Default { get; } = new(false, false);

    /// <summary>Weights of special tokens ([CLS], [SEP], ...) become 0, as the code on OpenSearch's model cards does it.</summary>
    public bool ZeroSpecialTokens { get; init; }

    /// <summary>Keep only the so many largest weights of a vector; null for all.</summary>
    public int? MaxActive { get; init; }

    /// <exception cref="ModelPackageException">An unknown strategy or activation.</exception>
    public static Pooling Read(PackageFiles files, string file)
    {
        if (files.ReadObject(file) is not { } config)
        {
            throw files.Error(file, "The settings of the pooling are not there.");
        }

        return new Pooling(
            Choice("pooling_strategy", "max", "max", "sum") == "sum",
            Choice("activation_function", "relu", "relu", "log1p_relu") == "log1p_relu");

        string Choice(string name, string otherwise, params string[] known)
        {
            if (!config.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return otherwise;
            }

            return value.ValueKind == JsonValueKind.String && known.Contains(value.GetString())
                ? value.GetString()!
                : throw files.Error(file, $"{name} is {value.GetRawText()}; known are {string.Join(" and ", known)}.");
        }
    }

    /// <summary>
    /// What splade.json adds: <c>zero_special_tokens</c> and <c>max_active_dims</c> (which config_sentence_transformers.json may have, too).
    /// </summary>
    /// <exception cref="ModelPackageException">No positive number.</exception>
    public Pooling With(PackageFiles files)
    {
        var settings = files.ReadObject(PackageSettings.File);
        if (settings is { } json && json.TryGetProperty("max_active_dims", out var given) && JsonFields.Number(settings, "max_active_dims") is null)
        {
            throw files.Error(PackageSettings.File, $"[max_active_dims] of [{given.GetRawText()}] must be a whole number.");
        }

        var max = JsonFields.Number(settings, "max_active_dims") ?? JsonFields.Number(files.ReadObject(Prompts.File), "max_active_dims");
        return max is null or > 0
            ? this with { ZeroSpecialTokens = JsonFields.Flag(settings, "zero_special_tokens") ?? false, MaxActive = max }
            : throw files.Error(PackageSettings.File, $"max_active_dims is {max}, expected a positive number.");
    }
}
