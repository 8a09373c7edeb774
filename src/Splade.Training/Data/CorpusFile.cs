using System.Globalization;
using System.Text.Json.Nodes;

namespace Splade.Training.Data;

/// <summary>Passages as a corpus.jsonl that <c>splade import</c> takes: <c>_id</c>, <c>title</c>, <c>text</c>.</summary>
internal static class CorpusFile
{
    public static void Write(string path, IEnumerable<string> passages)
    {
        using var writer = new StreamWriter(path);
        var number = 0;
        foreach (var passage in passages)
        {
            number++;
            writer.WriteLine(new JsonObject { ["_id"] = number.ToString(CultureInfo.InvariantCulture), ["title"] = "", ["text"] = passage }.ToJsonString());
        }
    }
}
