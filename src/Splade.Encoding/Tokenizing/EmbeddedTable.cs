namespace Splade.Encoding.Tokenizing;

/// <summary>Tables of characters that go with the assembly (folder Unicode).</summary>
internal static class EmbeddedTable
{
    /// <summary>Lines of a table without comments and empty ones.</summary>
    public static IEnumerable<string> Lines(string name)
    {
        var resource = $"{typeof(EmbeddedTable).Namespace}.Unicode.{name}";
        using var stream = typeof(EmbeddedTable).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The table {resource} is not in the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                yield return line;
            }
        }
    }
}
