using System.Text.Json;

namespace Splade.Evaluation.Collections.Csr;

/// <summary>Names of the columns of the CSR files in a folder, which the format has no place for: a JSON array in a file beside them.</summary>
internal static class ColumnNames
{
    /// <returns>Null where there is no such file, or one that does not name every column once and so is not about this matrix.</returns>
    public static Vocabulary? Beside(string path, long columnCount)
    {
        var file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, VectorConverter.TermsFile);
        if (!File.Exists(file) || Parse(File.ReadAllBytes(file)) is not { } names || names.LongLength < columnCount)
        {
            return null;
        }

        var vocabulary = Vocabulary.OfWords();
        foreach (var name in names)
        {
            if (string.IsNullOrEmpty(name) || vocabulary.Number(name) != vocabulary.Count - 1)
            {
                return null;
            }
        }

        return vocabulary.Count == names.Length ? vocabulary : null;
    }

    private static string?[]? Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<string?[]>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
