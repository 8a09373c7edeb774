namespace Splade.Evaluation.Speed;

/// <summary>
/// Numbers terms from 0 in the order in which they are met. A file may have few terms with large numbers of its own: memory goes by how many there are,
/// not by how large their numbers are.
/// </summary>
internal sealed class TermNumbers
{
    /// <summary>Below this a table is faster and takes 32 MB at most.</summary>
    private const int TableSize = 1 << 23;

    private readonly Dictionary<int, int> _beyond = [];

    /// <summary>Numbers plus one.</summary>
    private int[] _table = [];

    public int Count { get; private set; }

    public void Add(int term)
    {
        if (term >= TableSize)
        {
            if (_beyond.TryAdd(term, Count))
            {
                Count++;
            }

            return;
        }

        if (term >= _table.Length)
        {
            Array.Resize(ref _table, Math.Min(TableSize, Math.Max(1024, Math.Max(term + 1, _table.Length * 2))));
        }

        if (_table[term] == 0)
        {
            _table[term] = ++Count;
        }
    }

    /// <returns>-1 for a term that was not added.</returns>
    public int Find(int term) => term < _table.Length ? _table[term] - 1 : _beyond.GetValueOrDefault(term, -1);
}
