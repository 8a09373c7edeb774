using System.Text.Json;

namespace Splade.Node.Rest.Json;

/// <summary>Opens arrays and objects only when something is written into them, so that a filter leaves no empty shells.</summary>
internal sealed class LazyJsonWriter(Utf8JsonWriter json)
{
    private readonly List<(string? Name, bool IsArray)> _open = [];
    private int _written;

    public bool Any => _written > 0 || _anyValue;

    private bool _anyValue;

    public void Begin(string? name, bool isArray) => _open.Add((name, isArray));

    public void End()
    {
        if (_written == _open.Count)
        {
            if (_open[^1].IsArray)
            {
                json.WriteEndArray();
            }
            else
            {
                json.WriteEndObject();
            }

            _written--;
        }

        _open.RemoveAt(_open.Count - 1);
    }

    public void Value(string? name, JsonElement value)
    {
        _anyValue = true;
        while (_written < _open.Count)
        {
            var (openName, isArray) = _open[_written++];
            Name(openName);
            if (isArray)
            {
                json.WriteStartArray();
            }
            else
            {
                json.WriteStartObject();
            }
        }

        Name(name);
        value.WriteTo(json);
    }

    private void Name(string? name)
    {
        if (name is not null)
        {
            json.WritePropertyName(name);
        }
    }
}
