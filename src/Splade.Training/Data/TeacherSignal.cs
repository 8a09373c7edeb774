namespace Splade.Training.Data;

/// <summary>Which column of a teacher-score file is the target.</summary>
internal enum TeacherSignal
{
    /// <summary>Sum of the z-scores (per query, over its candidates) of both columns.</summary>
    Sum,

    /// <summary>Similarity of a dense model.</summary>
    Cosine,

    /// <summary>BM25.</summary>
    Bm25,
}
