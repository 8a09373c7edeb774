using Splade.Tests;

namespace Splade.Encoding.Tests;

/// <summary>The package that ships with the program, from where it ships.</summary>
public sealed class DefaultModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_shipped_model_loads_and_ranks_the_text_that_answers_first()
    {
        using var registry = new ModelRegistry(_folder.Path);
        registry.List().ShouldContain(ModelRegistry.DefaultModel);
        var encoder = registry.Get(ModelRegistry.DefaultModel);
        encoder.Description.InferenceFreeQueries.ShouldBeTrue();
        var documents = encoder.EncodeDocuments(
            [
                "The heart pumps blood through the arteries to all parts of the body.",
                "A central bank sets the interest rate to keep inflation low.",
                "Glaciers carved these valleys during the last ice age.",
            ],
            default);
        documents.ShouldAllBe(d => d.Indices.Length > 3 && d.Weights.All(w => w > 0));
        string[] queries = ["how does blood flow from the heart", "interest rates and inflation", "valleys made by glaciers"];
        for (var i = 0; i < queries.Length; i++)
        {
            var query = encoder.EncodeQuery(queries[i], default);
            var scores = documents.Select(d => Dot(query, d)).ToArray();
            Array.IndexOf(scores, scores.Max()).ShouldBe(i);
            scores[i].ShouldBeGreaterThan(0);
        }
    }

    private static float Dot(EncodedText query, EncodedText document) =>
        query.Indices.Select((id, i) => Array.BinarySearch(document.Indices, id) is >= 0 and var place ? query.Weights[i] * document.Weights[place] : 0).Sum();
}
