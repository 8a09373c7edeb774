namespace Splade.Encoding;

/// <summary>What a model makes of a text; named as Elasticsearch names the tasks of its inference endpoints.</summary>
public enum ModelTask
{
    /// <summary><c>sparse_embedding</c>: weights over a vocabulary.</summary>
    SparseEmbedding = 0,

    /// <summary><c>text_embedding</c>: one dense vector.</summary>
    TextEmbedding = 1,
}

/// <summary>The names of tasks in settings and answers.</summary>
public static class ModelTasks
{
    public static string Name(this ModelTask task) => task == ModelTask.TextEmbedding ? "text_embedding" : "sparse_embedding";
}
