using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>How raw logits become one vector.</summary>
/// <param name="Sum">Sum over the positions (SPLADE v1) instead of the maximum (v2).</param>
/// <param name="TwiceLog">log(1 + log(1 + ReLU(z))) (OpenSearch v3) instead of log(1 + ReLU(z)).</param>
internal sealed record Pooling(bool Sum, bool TwiceLog)
{
    public static Pooling Default { get; } = new(false, false);

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
}
