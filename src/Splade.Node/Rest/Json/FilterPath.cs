using System.Text.Json;

namespace Splade.Node.Rest.Json;

/// <summary>
/// The <c>filter_path</c> of a request: comma-separated paths into the response; <c>*</c> within a name, <c>**</c> for any run of
/// names, a leading <c>-</c> removes. Arrays are transparent.
/// </summary>
internal sealed class FilterPath
{
    private readonly List<Position> _includes;
    private readonly List<Position> _excludes;

    private FilterPath(List<Position> includes, List<Position> excludes)
    {
        _includes = includes;
        _excludes = excludes;
    }

    /// <summary>Null when the text names no path.</summary>
    public static FilterPath? Parse(string? text)
    {
        var paths = (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var excludes = paths.Where(p => p[0] == '-').Select(p => new Position(p[1..].Split('.'), 0)).ToList();
        var includes = paths.Where(p => p[0] != '-').Select(p => new Position(p.Split('.'), 0)).ToList();
        return paths.Length == 0 ? null : new FilterPath(includes, excludes);
    }

    public void Apply(JsonElement root, Utf8JsonWriter json)
    {
        var writer = new LazyJsonWriter(json);
        Walk(null, root, _includes, _includes.Count == 0, _excludes, writer);
        if (!writer.Any)
        {
            json.WriteRawValue(root.ValueKind == JsonValueKind.Array ? "[]" : "{}");
        }
    }

    private static void Walk(string? name, JsonElement value, List<Position> includes, bool included, List<Position> excludes, LazyJsonWriter writer)
    {
        if (included && excludes.Count == 0)
        {
            writer.Value(name, value);
        }
        else if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any())
        {
            writer.Begin(name, isArray: false);
            foreach (var member in value.EnumerateObject())
            {
                var nextExcludes = Advance(excludes, member.Name, out var excluded);
                if (excluded)
                {
                    continue;
                }

                var memberIncluded = included;
                var nextIncludes = included ? includes : Advance(includes, member.Name, out memberIncluded);
                if (memberIncluded || nextIncludes.Count > 0)
                {
                    Walk(member.Name, member.Value, nextIncludes, memberIncluded, nextExcludes, writer);
                }
            }

            writer.End();
        }
        else if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
        {
            writer.Begin(name, isArray: true);
            foreach (var item in value.EnumerateArray())
            {
                Walk(null, item, includes, included, excludes, writer);
            }

            writer.End();
        }
        else if (included)
        {
            writer.Value(name, value);
        }
    }

    private static List<Position> Advance(List<Position> positions, string name, out bool complete)
    {
        complete = false;
        var next = new List<Position>();
        foreach (var position in positions)
        {
            complete |= position.Advance(name, next);
        }

        return next;
    }

    /// <summary>A path with so many of its names matched.</summary>
    private readonly record struct Position(string[] Path, int Matched)
    {
        /// <summary>Adds where the path stands below <paramref name="name"/>; true when it ends there.</summary>
        public bool Advance(string name, List<Position> next)
        {
            var segment = Path[Matched];
            if (segment == "**")
            {
                next.Add(this);
                return Matched + 1 == Path.Length || (this with { Matched = Matched + 1 }).Advance(name, next);
            }

            if (!Glob.Matches(segment, name))
            {
                return false;
            }

            if (Matched + 1 == Path.Length)
            {
                return true;
            }

            next.Add(this with { Matched = Matched + 1 });
            return false;
        }
    }
}
