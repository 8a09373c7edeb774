using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Splade.Benchmarks.Commands;

/// <summary>What values may be; others are refused before anything is made.</summary>
internal static class ValueRules
{
    public static Option<T> Between<T>(this Option<T> option, T least, T most)
        where T : INumber<T>
    {
        option.Validators.Add(result =>
        {
            // What is no number the parser refuses itself.
            if (result.Tokens is [var token] && T.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && !(value >= least && value <= most))
            {
                result.AddError($"{option.Name} must be between {Text(least)} and {Text(most)}.");
            }
        });
        return option;
    }

    public static Option<string> OneOf(this Option<string> option, IEnumerable<string> values)
    {
        string[] allowed = [.. values];
        option.CompletionSources.Add(allowed);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !allowed.Contains(token.Value))
            {
                result.AddError($"{option.Name} is one of {string.Join(", ", allowed)}, not '{token.Value}'.");
            }
        });
        return option;
    }

    /// <summary>Refuses the empty text, which a script gives whose variable is not set.</summary>
    /// <param name="option">The option.</param>
    /// <param name="what">What to name instead.</param>
    public static Option<T> NotEmpty<T>(this Option<T> option, string what)
        where T : class?
    {
        option.Validators.Add(result => RefuseEmpty(result, option.Name, what));
        return option;
    }

    /// <inheritdoc cref="NotEmpty{T}(Option{T}, string)"/>
    public static Argument<T> NotEmpty<T>(this Argument<T> argument, string what)
    {
        argument.Validators.Add(result => RefuseEmpty(result, $"<{argument.Name}>", what));
        return argument;
    }

    private static void RefuseEmpty(SymbolResult result, string name, string what)
    {
        if (result.Tokens.Any(t => t.Value.Length == 0))
        {
            result.AddError($"{name} is empty: name {what}.");
        }
    }

    /// <summary>Digits where there are few, else a power of ten.</summary>
    private static string Text<T>(T number)
        where T : INumber<T>
    {
        var size = Math.Abs(double.CreateSaturating(number));
        return number.ToString(size is 0 or (>= 0.001 and < 1e10) ? "#,0.###" : "0e0", CultureInfo.InvariantCulture);
    }
}
