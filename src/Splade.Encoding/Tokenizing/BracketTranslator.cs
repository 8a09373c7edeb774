using System.Text;

namespace Splade.Encoding.Tokenizing;

/// <summary>Brackets of the reference's regular expressions, and brackets in them, in the words of .NET's: <see cref="ReferencePattern"/>.</summary>
internal sealed class BracketTranslator
{
    /// <summary>
    /// <c>\w</c> in brackets: more than that of .NET by marks, letter numbers and letters in circles. Every code point was compared.
    /// </summary>
    public const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9";

    private readonly SetWriter _write;
    private readonly bool _negated;
    private readonly int _first;

    private readonly StringBuilder _items = new();
    private readonly List<(int Start, int End)> _characters = [];
    private readonly StringBuilder _charactersAsTheyStand = new();
    private bool _notWord;
    private bool _afterHyphen;

    private BracketTranslator(string pattern, int open, SetWriter write)
    {
        _write = write;
        _negated = pattern.AsSpan(open + 1) is ['^', ..];
        _first = open + (_negated ? 2 : 1);
    }

    /// <returns>Where the closing bracket is.</returns>
    public static int Add(string pattern, int open, SetWriter write, StringBuilder result)
    {
        var brackets = new BracketTranslator(pattern, open, write);
        var close = brackets.ReadItems(pattern);
        if (close >= pattern.Length)
        {
            throw new ArgumentException($"The bracket at character {open} is not closed.", nameof(pattern));
        }

        brackets.Append(result);
        return close;
    }

    /// <summary>Where the closing bracket is.</summary>
    public static int End(string pattern, int open) => Add(pattern, open, (_, _, _) => null, new StringBuilder());

    /// <returns>Where the closing bracket is, or the end of the pattern.</returns>
    private int ReadItems(string pattern)
    {
        var inner = 0;
        var i = _first;
        for (; i < pattern.Length && (pattern[i] != ']' || i == _first || inner > 0); i++)
        {
            // Brackets in brackets are a union: their items are items of those around them.
            if (pattern[i] == '[' || (pattern[i] == ']' && inner > 0))
            {
                inner += pattern[i] == '[' ? 1 : -1;
                RefuseOtherThanUnion(pattern, i);
                continue;
            }

            if (pattern.AsSpan(i) is ['&', '&', ..])
            {
                throw new ArgumentException($"The intersection && at character {i} is not supported.", nameof(pattern));
            }

            if (Range(pattern, i) is { } range)
            {
                AddRange(pattern, i, range);
                i = range.End - 1;
            }
            else if (i + 1 < pattern.Length)
            {
                i = AddClass(pattern, i);
            }
        }

        return i;
    }

    private void RefuseOtherThanUnion(string pattern, int bracket)
    {
        var next = pattern.AsSpan(bracket + 1);
        if (pattern[bracket] == '[' ? _afterHyphen || next is ['^' or ':' or ']', ..] : next is ['-', ..])
        {
            throw new ArgumentException(
                $"The brackets in brackets at character {bracket} are not supported: negated or empty, a POSIX class (write \\p{{...}}), or beside a hyphen.", nameof(pattern));
        }
    }

    private void AddRange(string pattern, int start, (int Start, int Last, int End) range)
    {
        _afterHyphen = range.End == start + 1 && pattern[start] == '-' && start > _first;
        if (range.Last >= StandIns.First)
        {
            _characters.Add((range.Start, range.Last));
            _charactersAsTheyStand.Append(pattern, start, range.End - start);
        }
        else
        {
            // What these two mean depends on what is put beside them.
            _items.Append(pattern[start] is '-' or '^' ? "\\" : "").Append(pattern, start, range.End - start);
        }
    }

    /// <summary>What is no character: \w, \p{Han}.</summary>
    /// <returns>Where it ends.</returns>
    private int AddClass(string pattern, int start)
    {
        if (PatternReader.Property(pattern, start, _write) is { } property)
        {
            _items.Append(_afterHyphen && property.IsRanges
                ? throw new ArgumentException($"The hyphen before the script at character {start} is to be written as \\-.", nameof(pattern))
                : property.Item);
            _afterHyphen = false;
            return property.End;
        }

        _afterHyphen = false;
        _notWord |= pattern[start + 1] == 'W';
        _ = pattern[start + 1] switch
        {
            'w' => _items.Append(Word),
            'W' => _items,
            var other => _items.Append('\\').Append(other),
        };
        return start + 1;
    }

    private void Append(StringBuilder result)
    {
        if (_characters.Count > 0)
        {
            var name = PatternReader.Name(_characters);
            _items.Append(_write(name, name, false) ?? _charactersAsTheyStand.ToString());
        }

        // What is no word can't be put into brackets beside other things.
        _ = (_notWord, _negated, _items.Length) switch
        {
            (false, _, _) => result.Append(_negated ? "[^" : "[").Append(_items).Append(']'),
            (true, false, 0) => result.Append("[^" + Word + "]"),
            (true, true, 0) => result.Append("[" + Word + "]"),
            (true, false, _) => result.Append("(?:[").Append(_items).Append("]|[^" + Word + "])"),
            (true, true, _) => result.Append("[" + Word + "-[").Append(_items).Append("]]"),
        };
    }

    /// <summary>A character or a range of them. Null for what is none, as \w.</summary>
    private static (int Start, int Last, int End)? Range(string pattern, int start)
    {
        if (PatternReader.Character(pattern, start) is not var (first, end))
        {
            return null;
        }

        if (pattern.AsSpan(end) is not ['-', not (']' or '['), ..] || PatternReader.Character(pattern, end + 1) is not var (last, rangeEnd))
        {
            return (first, first, end);
        }

        return first <= last ? (first, last, rangeEnd)
            : throw new ArgumentException($"The range {pattern[start..rangeEnd]} at character {start} is empty.", nameof(pattern));
    }
}
