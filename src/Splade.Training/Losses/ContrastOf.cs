namespace Splade.Training.Losses;

/// <summary>Which rows of a batch an in-batch loss tells apart.</summary>
[Flags]
internal enum ContrastOf
{
    /// <summary>A query's positive from all documents of the batch.</summary>
    QueryToDocument = 1,

    /// <summary>A query from the other queries.</summary>
    QueryToQuery = 2,

    /// <summary>A positive's query from all queries.</summary>
    DocumentToQuery = 4,

    /// <summary>A positive from the documents of other rows.</summary>
    DocumentToDocument = 8,

    All = QueryToDocument | QueryToQuery | DocumentToQuery | DocumentToDocument,
}
