using System.Globalization;
using Splade.Encoding.Safetensors;

namespace Splade.Encoding.Packages;

/// <summary>
/// The weights of inference-free queries: a SparseStaticEmbedding's model.safetensors, or idf.json and query_token_weights.txt of OpenSearch's models.
/// </summary>
internal static class QueryTable
{
    private const string Safetensors = "model.safetensors";
    private const string Idf = "idf.json";
    private const string Lines = "query_token_weights.txt";

    /// <param name="folder">Of the SparseStaticEmbedding; null for none.</param>
    /// <returns>The file with the table; null when there is none.</returns>
    public static string? Find(PackageFiles files, string? folder)
    {
        // In the root model.safetensors is the document model.
        string[] own = folder is { Length: > 0 } ? [PackageFiles.Join(folder, Safetensors), PackageFiles.Join(folder, Idf)] : [];
        return own.Append(Idf).Append(Lines).FirstOrDefault(files.Has);
    }

    /// <summary>Weights by vocabulary id; 0 for a piece that the table leaves out.</summary>
    /// <param name="ids">Ids of all pieces.</param>
    /// <exception cref="ModelPackageException">The table is broken, or of another vocabulary.</exception>
    public static float[] Read(PackageFiles files, string file, Dictionary<string, int> ids)
    {
        if (file.EndsWith(Safetensors, StringComparison.Ordinal))
        {
            return ReadTensor(files, file, ids.Count);
        }

        var weights = new float[ids.Count];
        foreach (var (piece, weight) in file.EndsWith(Lines, StringComparison.Ordinal) ? ReadLines(files, file) : ReadJson(files, file))
        {
            if (!float.IsFinite(weight))
            {
                throw files.Error(file, $"The weight of [{piece}] is no finite number.");
            }

            if (ids.TryGetValue(piece, out var id))
            {
                weights[id] = weight;
            }
        }

        return weights;
    }

    private static float[] ReadTensor(PackageFiles files, string file, int vocabulary)
    {
        using var tensors = SafetensorsFile.Open(files.PathOf(file));
        if (tensors.Tensors.Count != 1 || tensors.Tensors.Values.Single() is not { Shape: [var rows] } table)
        {
            throw files.Error(file, "Expected one tensor, the weights of the vocabulary.");
        }

        return rows >= vocabulary
            ? tensors.ReadFloats(table)
            : throw files.Error(file, $"It has {rows} weights for the {vocabulary} pieces of the tokenizer.");
    }

    private static IEnumerable<(string Piece, float Weight)> ReadJson(PackageFiles files, string file)
    {
        var json = files.ReadObject(file) ?? throw files.Error(file, "Expected an object of token and weight.");
        foreach (var entry in json.EnumerateObject())
        {
            yield return (entry.Name, entry.Value.ValueKind == System.Text.Json.JsonValueKind.Number ? entry.Value.GetSingle() : float.NaN);
        }
    }

    private static IEnumerable<(string Piece, float Weight)> ReadLines(PackageFiles files, string file)
    {
        foreach (var line in files.ReadText(file).Split('\n').Where(l => l.Length > 0))
        {
            var tab = line.LastIndexOf('\t');
            yield return tab > 0 && float.TryParse(line.AsSpan(tab + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var weight)
                ? (line[..tab], weight)
                : throw files.Error(file, $"Expected a piece, a tab and a weight, not [{line}].");
        }
    }
}
