using System.Text;

namespace Splade.Encoding.Tokenizing.Normalizers;

/// <summary>NFC, NFD, NFKC and NFKD with the places of the characters (Unicode Standard Annex 15), by the Unicode of the reference.</summary>
internal sealed class UnicodeNormalizer(bool compose, bool compatible) : INormalizer
{
    [ThreadStatic]
    private static Buffers? _buffers;

    private readonly UnicodeData _data = UnicodeData.Instance;

    public bool StaysInWords => true;

    public bool Normalize(NormalizedText source, NormalizedText target)
    {
        if (IsNormal(source.Characters))
        {
            return false;
        }

        var buffers = _buffers ??= new Buffers();
        buffers.Clear();
        Decompose(source.Characters, buffers);
        if (compose)
        {
            Compose(buffers);
        }

        var alignment = new Alignment(source, target);
        foreach (var (rune, change) in compose ? buffers.Composed : buffers.Decomposed)
        {
            alignment.Emit(rune, change);
        }

        return true;
    }

    private bool IsNormal(ReadOnlySpan<char> text)
    {
        var first = text.IndexOfAnyExceptInRange('\0', '\x7F');
        if (first < 0)
        {
            return true;
        }

        foreach (var rune in text[first..].EnumerateRunes())
        {
            if (!_data.IsInert(rune.Value, compose, compatible))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Decomposes, with marks in canonical order; the changes of characters stay with them when they are reordered, as in the reference.</summary>
    private void Decompose(ReadOnlySpan<char> text, Buffers buffers)
    {
        var result = buffers.Decomposed;
        var pending = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            buffers.Parts.Clear();
            _data.Decompose(rune, compatible, buffers.Parts);
            for (var i = 0; i < buffers.Parts.Count; i++)
            {
                var part = buffers.Parts[i];
                if (_data.CombiningClass(part.Value) == 0)
                {
                    Sort(result, pending);
                    pending = result.Count + 1;
                }

                result.Add(new RuneChange(part, i == 0 ? 0 : 1));
            }
        }

        Sort(result, pending);
    }

    private void Sort(List<RuneChange> runes, int from)
    {
        if (runes.Count - from < 2)
        {
            return;
        }

        // A stable sort; long runs of marks are no text, but must not be quadratic.
        var sorted = runes.Skip(from).OrderBy(r => _data.CombiningClass(r.Rune.Value)).ToArray();
        runes.RemoveRange(from, runes.Count - from);
        runes.AddRange(sorted);
    }

    private void Compose(Buffers buffers)
    {
        var result = buffers.Composed;
        RuneChange? starter = null;
        int? lastClass = null;
        var waiting = buffers.Waiting;
        foreach (var item in buffers.Decomposed)
        {
            var combining = _data.CombiningClass(item.Rune.Value);
            if (starter is not { } current)
            {
                if (combining != 0)
                {
                    result.Add(item);
                }
                else
                {
                    starter = item;
                }

                continue;
            }

            if ((lastClass is null || lastClass < combining) && _data.Compose(current.Rune, item.Rune) is { } whole)
            {
                starter = new RuneChange(whole, current.Change + item.Change - 1);
            }
            else if (combining == 0)
            {
                result.Add(current);
                result.AddRange(waiting);
                waiting.Clear();
                starter = item;
                lastClass = null;
            }
            else
            {
                waiting.Add(item);
                lastClass = combining;
            }
        }

        if (starter is { } last)
        {
            result.Add(last);
        }

        result.AddRange(waiting);
    }

    private sealed class Buffers
    {
        public List<Rune> Parts { get; } = [];

        public List<RuneChange> Decomposed { get; } = [];

        public List<RuneChange> Composed { get; } = [];

        public List<RuneChange> Waiting { get; } = [];

        public void Clear()
        {
            Decomposed.Clear();
            Composed.Clear();
            Waiting.Clear();
        }
    }
}
