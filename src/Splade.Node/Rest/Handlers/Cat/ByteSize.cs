using System.Globalization;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Handlers.Cat;

/// <summary>Sizes as <c>_cat</c> shows them.</summary>
internal static class ByteSize
{
    private static readonly string[] Units = ["b", "kb", "mb", "gb", "tb", "pb"];

    /// <param name="unit">A unit: a whole number of it without its name. Null: a fitting one, with its name.</param>
    public static string Format(long bytes, string? unit)
    {
        if (unit is not null)
        {
            return (bytes >> (10 * Power(unit))).ToString(CultureInfo.InvariantCulture);
        }

        var power = 0;
        while (power < Units.Length - 1 && bytes >> (10 * (power + 1)) > 0)
        {
            power++;
        }

        return power == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes}b")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(bytes * 10.0 / (1L << (10 * power))) / 10:0.#}{Units[power]}");
    }

    public static void Check(string? unit)
    {
        if (unit is not null)
        {
            Power(unit);
        }
    }

    private static int Power(string unit)
    {
        var name = unit.Length == 1 && unit != "b" ? unit + "b" : unit;
        return Array.IndexOf(Units, name) is >= 0 and var power
            ? power
            : throw RestErrors.IllegalArgument($"[bytes] of [{unit}] is not supported: give one of [{string.Join(", ", Units)}]");
    }
}
