using System.Text.Json;

namespace Splade.Encoding.Packages;

/// <summary>Texts that a package puts before queries and documents (config_sentence_transformers.json); mostly empty.</summary>
internal sealed record Prompts(string Query, string Document)
{
    public const string File = "config_sentence_transformers.json";

    // The names that the reference looks for, in its order.
    private static readonly string[] DocumentNames = ["document", "passage", "corpus"];

    /// <exception cref="ModelPackageException">A prompt is no text.</exception>
    public static Prompts Read(PackageFiles files)
    {
        if (files.ReadObject(File) is not { } config || !config.TryGetProperty("prompts", out var prompts) || prompts.ValueKind == JsonValueKind.Null)
        {
            return new Prompts("", "");
        }

        if (prompts.ValueKind != JsonValueKind.Object || prompts.EnumerateObject().Any(p => p.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)))
        {
            throw files.Error(File, "[prompts] must be an object of texts.");
        }

        var byName = prompts.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.String)
            .GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.Last().Value.GetString()!, StringComparer.Ordinal);
        var standard = config.TryGetProperty("default_prompt_name", out var name) && name.ValueKind == JsonValueKind.String
            ? byName.GetValueOrDefault(name.GetString()!, "")
            : "";
        return new Prompts(
            byName.GetValueOrDefault("query", standard),
            DocumentNames.Where(byName.ContainsKey).Select(n => byName[n]).FirstOrDefault(standard));
    }
}
