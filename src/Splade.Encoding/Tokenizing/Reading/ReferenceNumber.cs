using System.Globalization;

namespace Splade.Encoding.Tokenizing.Reading;

/// <summary>
/// Reads a JSON number as the reference's parser does: the digits as one integer, then one multiplication or division by a power of ten. That
/// rounds up to three times, and decides which of two cuts with equal scores wins.
/// </summary>
internal static class ReferenceNumber
{
    private const int MaxPower = 308;
    private static readonly double[] Powers = [.. Enumerable.Range(0, MaxPower + 1).Select(p => double.Parse($"1e{p}", CultureInfo.InvariantCulture))];

    /// <param name="number">A valid JSON number.</param>
    public static double Parse(string number)
    {
        var significand = 0UL;
        var exponent = 0;
        var afterPoint = false;
        var full = false;
        for (var i = number[0] == '-' ? 1 : 0; i < number.Length; i++)
        {
            var c = number[i];
            if (c == '.')
            {
                afterPoint = true;
            }
            else if (c is 'e' or 'E')
            {
                if (!int.TryParse(number.AsSpan(i + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power) || Math.Abs((long)power) > 1000)
                {
                    return double.Parse(number, CultureInfo.InvariantCulture);
                }

                exponent += power;
                break;
            }
            else
            {
                var digit = (ulong)(c - '0');
                full |= significand > (ulong.MaxValue - digit) / 10;
                significand = full ? significand : (significand * 10) + digit;

                // Digits that don't fit are dropped.
                exponent += (full, afterPoint) switch
                {
                    (true, false) => 1,
                    (false, true) => -1,
                    _ => 0,
                };
            }
        }

        var value = (double)significand;
        for (; exponent < -MaxPower && value != 0; exponent += MaxPower)
        {
            value /= Powers[MaxPower];
        }

        value = Math.Abs(exponent) > MaxPower ? value == 0 ? 0 : double.PositiveInfinity
            : exponent >= 0 ? value * Powers[exponent]
            : value / Powers[-exponent];
        return number[0] == '-' ? -value : value;
    }
}
