using System.Globalization;
using Splade.Node.Rest.Errors;

namespace Splade.Node.Rest.Json;

/// <summary>Time values of the dialect: a number and a unit.</summary>
internal static class TimeValue
{
    private static readonly (string Unit, double Milliseconds)[] Units =
        [("nanos", 1e-6), ("micros", 1e-3), ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <exception cref="RestException">No number with a unit; negative.</exception>
    public static TimeSpan Parse(string text, string name)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        foreach (var (unit, milliseconds) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * milliseconds <= TimeSpan.MaxValue.TotalMilliseconds / 2)
            {
                // Longer than a month is as good as for ever, and timers can't hold more.
                return TimeSpan.FromMilliseconds(Math.Min(number * milliseconds, 30 * 86_400_000.0));
            }
        }

        throw RestErrors.IllegalArgument(
            $"failed to parse setting [{name}] with value [{text}] as a time value: give a number with a unit of [{string.Join(", ", Units.Select(u => u.Unit))}]");
    }

    public static string Format(TimeSpan time) => time switch
    {
        { Ticks: 0 } => "0s",
        _ when time.Ticks % TimeSpan.TicksPerHour == 0 => Text(time.TotalHours, "h"),
        _ when time.Ticks % TimeSpan.TicksPerMinute == 0 => Text(time.TotalMinutes, "m"),
        _ when time.Ticks % TimeSpan.TicksPerSecond == 0 => Text(time.TotalSeconds, "s"),
        _ => Text(time.TotalMilliseconds, "ms"),
    };

    private static string Text(double number, string unit) => number.ToString(CultureInfo.InvariantCulture) + unit;
}
