namespace Splade.Evaluation.Collections.Csr;

/// <summary>
/// CSR files that belong together, such as documents and queries: a column is the same feature in all of them, and all have the same number of columns, which is
/// known only when the last one is read.
/// </summary>
internal sealed class CsrSet : IDisposable
{
    private readonly List<CsrWriter> _writers = [];
    private readonly Vocabulary _columns;
    private readonly long _declared;

    /// <param name="sources">All that will be added.</param>
    public CsrSet(IReadOnlyList<VectorReader> sources)
    {
        _columns = sources.All(s => s.Vocabulary.IsNumbered) ? Vocabulary.OfNumbers() : Vocabulary.OfWords();

        // Columns that have names already keep their numbers.
        foreach (var named in sources.OfType<CsrReader>().Where(s => !s.Vocabulary.IsNumbered).Select(s => s.Vocabulary))
        {
            for (var i = 0; i < named.Count; i++)
            {
                _columns.Number(named.Name(i));
            }
        }

        // Numbers stay what they are, and so does the number of columns, empty ones at the end included.
        _declared = _columns.IsNumbered ? sources.OfType<CsrReader>().Select(s => s.ColumnCount).DefaultIfEmpty().Max() : 0;
    }

    /// <summary>Names of the columns in their order; null where numbers are their names.</summary>
    public IEnumerable<string>? Names => _columns.IsNumbered ? null : Enumerable.Range(0, _columns.Count).Select(_columns.Name);

    public void Add(IEnumerable<SparseVector> rows, Vocabulary vocabulary, string path)
    {
        var writer = new CsrWriter(path);
        _writers.Add(writer);
        foreach (var row in rows)
        {
            writer.Add(_columns.IsNumbered ? row.Terms : Array.ConvertAll(row.Terms, t => _columns.Number(vocabulary.Name(t))), row.Weights);
        }
    }

    /// <summary>Writes the files.</summary>
    public void Complete()
    {
        var used = _columns.IsNumbered ? _writers.Select(w => w.UsedColumns).DefaultIfEmpty().Max() : _columns.Count;
        _writers.ForEach(w => w.Complete(Math.Max(used, _declared)));
    }

    public void Dispose() => _writers.ForEach(w => w.Dispose());
}
