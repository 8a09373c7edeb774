namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>Patterns: <c>{"String": " "}</c> or <c>{"Regex": " {2,}"}</c>.</summary>
internal static class PatternReader
{
    private const int MaxLength = 4096;

    public static TextPattern Read(JsonPart json)
    {
        if (json.Text("String") is { } literal)
        {
            return TextPattern.Literal(literal);
        }

        var expression = json.Required("Regex");
        if (expression.Length > MaxLength)
        {
            throw json.Error($"The regular expression has {expression.Length} characters, more than {MaxLength}.");
        }

        try
        {
            return TextPattern.Expression(expression);
        }
        catch (ArgumentException exception)
        {
            throw json.Error($"The regular expression can't be used: {exception.Message}");
        }
    }
}
