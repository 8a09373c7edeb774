namespace Splade.Training.Data;

/// <summary>What the texts of an example stand for: themselves, or ids of a collection's queries and documents.</summary>
internal sealed class ExampleTexts(BeirCollection? collection)
{
    private readonly Dictionary<string, string>? _queries = collection?.ReadQueries();

    public bool AreIds => collection is not null;

    /// <exception cref="FormatException">The collection has no such query.</exception>
    public string Query(string text) => _queries is null ? text : Find(_queries, text, "query");

    /// <exception cref="FormatException">The collection has no such document.</exception>
    public string Document(string text) => collection is null ? text : Find(collection.Documents, text, "document");

    private static string Find(IReadOnlyDictionary<string, string> texts, string id, string kind) =>
        texts.TryGetValue(id, out var text) ? text : throw new FormatException($"the collection has no {kind} with the id {id}");
}
