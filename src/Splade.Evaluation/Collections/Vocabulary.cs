using System.Globalization;

namespace Splade.Evaluation.Collections;

/// <summary>
/// Names of features by number. Either words, numbered in the order in which they are met, or plain numbers that are their own names, as in files
/// whose features have none. Documents and queries of different files meet by name.
/// </summary>
public sealed class Vocabulary
{
    private readonly Dictionary<string, int>? _numbers;
    private readonly List<string?> _names = [];

    private Vocabulary(Dictionary<string, int>? numbers) => _numbers = numbers;

    /// <summary>Features of this collection are numbers, without names.</summary>
    public bool IsNumbered => _numbers is null;

    /// <summary>Words met so far, or the largest number asked for plus one.</summary>
    public int Count => _names.Count;

    public static Vocabulary OfWords() => new(new Dictionary<string, int>(StringComparer.Ordinal));

    public static Vocabulary OfNumbers() => new(null);

    /// <summary>The number of a word, which becomes known.</summary>
    /// <exception cref="InvalidOperationException">The features of this collection are numbers.</exception>
    public int Number(string word)
    {
        ArgumentException.ThrowIfNullOrEmpty(word);
        var numbers = _numbers ?? throw new InvalidOperationException("The features of this collection have no names.");
        if (!numbers.TryGetValue(word, out var number))
        {
            numbers.Add(word, number = _names.Count);
            _names.Add(word);
        }

        return number;
    }

    /// <summary>The number of a name; null when it is not known, or no number where features are numbers.</summary>
    public int? Find(string name) => _numbers is not null
        ? _numbers.TryGetValue(name, out var known) ? known : null
        : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The name of a feature; the same string each time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such word is known, or the number is negative.</exception>
    public string Name(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        if (_numbers is not null)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, _names.Count);
            return _names[number]!;
        }

        // A file may have few features with large numbers: those beyond a few million are named again each time.
        if (number >= 1 << 23)
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }

        while (_names.Count <= number)
        {
            _names.Add(null);
        }

        return _names[number] ??= number.ToString(CultureInfo.InvariantCulture);
    }
}
