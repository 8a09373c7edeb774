namespace Splade.Encoding.Tokenizing;

/// <summary>
/// Strings by prefix, over UTF-16 units. Nodes are numbered breadth first, so that the children of a node are neighbours with ascending labels:
/// three arrays, built in one pass over the sorted strings.
/// </summary>
internal sealed class PieceTrie
{
    /// <summary>No string ends here.</summary>
    public const int None = -1;

    public const int Root = 0;

    private const int MaxNodes = 1 << 26;
    private readonly char[] _labels;
    private readonly int[] _children;
    private readonly int[] _values;
    private readonly int[] _fromRoot = new int[char.MaxValue + 1];

    /// <param name="pieces">Of equal ones the last counts.</param>
    /// <exception cref="ArgumentException">More text than a vocabulary can have.</exception>
    public PieceTrie(IEnumerable<(string Text, int Id)> pieces)
    {
        var sorted = pieces.Select((p, order) => (p.Text, p.Id, Order: order)).ToArray();
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Text, b.Text) is not 0 and var c ? c : a.Order.CompareTo(b.Order));
        var labels = new List<char> { '\0' };
        var children = new List<int>();
        var values = new List<int>();
        var nodes = new Queue<(int From, int To, int Depth)>();
        nodes.Enqueue((0, sorted.Length, 0));
        while (nodes.TryDequeue(out var node))
        {
            var (from, to, depth) = node;
            var value = None;
            for (; from < to && sorted[from].Text.Length == depth; from++)
            {
                value = sorted[from].Id;
            }

            values.Add(value);
            children.Add(labels.Count);
            while (from < to)
            {
                var label = sorted[from].Text[depth];
                var end = from + 1;
                while (end < to && sorted[end].Text[depth] == label)
                {
                    end++;
                }

                labels.Add(label);
                nodes.Enqueue((from, end, depth + 1));
                from = end;
            }

            if (labels.Count > MaxNodes)
            {
                throw new ArgumentException($"The vocabulary has more text than {MaxNodes} characters.", nameof(pieces));
            }
        }

        children.Add(labels.Count);
        _labels = [.. labels];
        _children = [.. children];
        _values = [.. values];
        Array.Fill(_fromRoot, None);
        for (var child = _children[Root]; child < _children[Root + 1]; child++)
        {
            _fromRoot[_labels[child]] = child;
        }
    }

    /// <summary>The node after one more character, or <see cref="None"/>.</summary>
    public int Next(int node, char c)
    {
        if (node == Root)
        {
            return _fromRoot[c];
        }

        var from = _children[node];
        var place = _labels.AsSpan(from, _children[node + 1] - from).BinarySearch(c);
        return place < 0 ? None : from + place;
    }

    /// <summary>Length of the longest string that a text begins with; 0 for none.</summary>
    public int Longest(ReadOnlySpan<char> text)
    {
        var longest = 0;
        var node = Root;
        for (var i = 0; i < text.Length; i++)
        {
            node = Next(node, text[i]);
            if (node == None)
            {
                break;
            }

            longest = Value(node) == None ? longest : i + 1;
        }

        return longest;
    }

    /// <summary>The id of the string that ends at a node, or <see cref="None"/>.</summary>
    public int Value(int node) => _values[node];
}
