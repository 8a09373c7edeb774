namespace Splade.Evaluation.Collections;

/// <summary>A collection of sparse vectors in some file format. Rows are read from the start each time that they are asked for, one at a time.</summary>
public abstract class VectorReader
{
    protected VectorReader(string path, Vocabulary vocabulary)
    {
        Path = path;
        Vocabulary = vocabulary;
    }

    public string Path { get; }

    /// <summary>Names of the features of the rows read so far.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Rows, where the file says how many before they are read; else null.</summary>
    public virtual long? RowCount => null;

    /// <summary>Rows in the order of the file.</summary>
    /// <exception cref="VectorFileException">The file is malformed at the place that the message names.</exception>
    public abstract IEnumerable<SparseVector> Rows();
}
