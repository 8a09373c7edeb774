using System.Globalization;
using System.Text;
using System.Text.Json;
using Splade.Node.Rest.Errors;
using Splade.Node.Rest.Json;

namespace Splade.Node.Rest.Handlers.Cat;

/// <param name="Aliases">Other names that <c>h</c> and <c>s</c> take, separated by commas.</param>
/// <param name="ByDefault">Shown when the request does not choose columns.</param>
internal sealed record CatColumn(string Name, string Aliases, string Description, bool AlignRight = false, bool ByDefault = true)
{
    public bool IsCalled(string name) => Name == name || Aliases.Split(',').Contains(name);
}

/// <summary>A cell: how it shows and how it sorts.</summary>
internal readonly record struct CatCell(string? Text, double? Number = null)
{
    public static CatCell Of(string? text) => new(text);

    public static CatCell Of(long number) => new(number.ToString(CultureInfo.InvariantCulture), number);

    /// <summary>Bytes in the unit asked for, or in a fitting one.</summary>
    public static CatCell OfBytes(long? bytes, string? unit) => bytes is { } number ? new CatCell(ByteSize.Format(number, unit), number) : default;
}

/// <summary>A table of <c>_cat</c>: its columns and rows, written as text or JSON as the request has it.</summary>
internal sealed class CatTable(params CatColumn[] columns)
{
    public static readonly string[] Parameters = ["v", "h", "s", "help", "bytes", "time", "local", "master_timeout"];

    private readonly List<CatCell[]> _rows = [];

    public void Add(params CatCell[] cells) => _rows.Add(cells);

    public RestResponse Respond(RestRequest request, bool asText)
    {
        if (request.Query.Flag("help"))
        {
            return RestResponse.OfText(Align(
                [.. columns.Select(c => new[] { c.Name, "| " + c.Aliases, "| " + c.Description })], [false, false, false]));
        }

        var chosen = Choose(request.Query.List("h"));
        var rows = Sort(request.Query.List("s"));
        if (!asText)
        {
            return RestResponse.OfJson(json => WriteJson(json, chosen, rows));
        }

        var lines = rows.Select(r => chosen.Select(c => r[c].Text ?? "").ToArray()).ToList();
        if (request.Query.Flag("v"))
        {
            lines.Insert(0, [.. chosen.Select(c => columns[c].Name)]);
        }

        return RestResponse.OfText(Align(lines, [.. chosen.Select(c => columns[c].AlignRight)]));
    }

    private void WriteJson(Utf8JsonWriter json, int[] chosen, IReadOnlyList<CatCell[]> rows)
    {
        json.WriteStartArray();
        foreach (var row in rows)
        {
            json.WriteStartObject();
            foreach (var column in chosen)
            {
                json.WriteString(columns[column].Name, row[column].Text);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private int[] Choose(IReadOnlyList<string>? names)
    {
        var all = Enumerable.Range(0, columns.Length);
        return names is null or { Count: 0 }
            ? [.. all.Where(i => columns[i].ByDefault)]
            : [.. names.SelectMany(n => Glob.IsPattern(n) ? all.Where(i => Glob.Matches(n, columns[i].Name)) : [Find(n)]).Distinct()];
    }

    private int Find(string name)
    {
        var index = Array.FindIndex(columns, c => c.IsCalled(name));
        return index >= 0
            ? index
            : throw RestErrors.IllegalArgument($"unknown column [{name}]{DidYouMean.SuggestOrList(name, columns.Select(c => c.Name))}");
    }

    private List<CatCell[]> Sort(IReadOnlyList<string>? keys)
    {
        IOrderedEnumerable<CatCell[]> sorted = _rows.OrderBy(_ => 0);
        foreach (var key in keys ?? [])
        {
            var descending = key.EndsWith(":desc", StringComparison.Ordinal);
            var column = Find(key.Split(':')[0]);
            sorted = descending
                ? sorted.ThenByDescending(r => r[column].Number ?? double.MinValue).ThenByDescending(r => r[column].Text, StringComparer.Ordinal)
                : sorted.ThenBy(r => r[column].Number ?? double.MinValue).ThenBy(r => r[column].Text, StringComparer.Ordinal);
        }

        return [.. sorted];
    }

    /// <summary>Columns of equal width, separated by a blank; each line ends in a newline, no line has trailing blanks.</summary>
    private static string Align(IReadOnlyList<string[]> lines, bool[] right)
    {
        var widths = right.Select((_, i) => lines.Select(l => l[i].Length).DefaultIfEmpty(0).Max()).ToArray();
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            var cells = line.Select((cell, i) => right[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.Append(string.Join(' ', cells).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
