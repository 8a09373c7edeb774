using System.Text.Json;
using Splade.Evaluation;

namespace Splade.Training.Data;

/// <summary>Files with one JSON object a line, gzipped or not.</summary>
internal static class JsonLines
{
    /// <exception cref="TrainingDataException">A line is no JSON object; the message names file and line.</exception>
    /// <param name="lists">A line may be a list, too.</param>
    public static IEnumerable<(JsonElement Value, int Line)> Read(string path, bool lists = false)
    {
        var number = 0;
        foreach (var line in TextFiles.Lines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            JsonElement value;
            try
            {
                value = JsonSerializer.Deserialize<JsonElement>(line);
            }
            catch (JsonException exception)
            {
                throw new TrainingDataException($"{path}, line {number}: no JSON: {exception.Message}", exception);
            }

            yield return value.ValueKind == JsonValueKind.Object || (lists && value.ValueKind == JsonValueKind.Array)
                ? (value, number)
                : throw new TrainingDataException($"{path}, line {number}: expected a JSON object.");
        }
    }

    /// <summary>The file, or the same with .gz.</summary>
    /// <exception cref="TrainingDataException">There is neither.</exception>
    public static string Find(string path) => TextFiles.Find(path) ?? throw new TrainingDataException($"There is no file {path}.");

    public static string? Text(JsonElement value, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
            {
                return text.GetString();
            }
        }

        return null;
    }
}
