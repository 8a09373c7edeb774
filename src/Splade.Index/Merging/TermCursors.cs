using Splade.Index.Segments;

namespace Splade.Index.Merging;

/// <summary>Walks the dictionaries of several segments together, in ascending order of terms.</summary>
internal sealed class TermCursors(FieldPostings?[] fields)
{
    private readonly int[] _positions = new int[fields.Length];
    private readonly List<(int Source, int Term)> _current = [];

    /// <summary>Where the term of the last <see cref="Next"/> is.</summary>
    public IReadOnlyList<(int Source, int Term)> Current => _current;

    public bool Next(out ReadOnlySpan<byte> term)
    {
        _current.Clear();
        term = default;
        for (var source = 0; source < fields.Length; source++)
        {
            if (fields[source] is not { } field || _positions[source] == field.TermCount)
            {
                continue;
            }

            var candidate = field.Term(_positions[source]);
            var order = _current.Count == 0 ? -1 : candidate.SequenceCompareTo(term);
            if (order < 0)
            {
                _current.Clear();
                term = candidate;
            }

            if (order <= 0)
            {
                _current.Add((source, _positions[source]));
            }
        }

        foreach (var (source, _) in _current)
        {
            _positions[source]++;
        }

        return _current.Count > 0;
    }
}
