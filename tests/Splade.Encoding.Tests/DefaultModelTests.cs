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

    [Fact]
    public void It_expands_English_by_what_is_near_and_other_languages_not_at_all()
    {
        using var registry = new ModelRegistry(_folder.Path);
        var encoder = registry.Get(ModelRegistry.DefaultModel);
        var english = encoder.EncodeDocuments(["The physician prescribed an antibiotic against the infection of the lungs."], default)[0];
        var words = Words(english);
        words.Count(w => w is not ("physician" or "prescrib" or "antibiotic" or "infect" or "lung" or "against")).ShouldBeGreaterThan(20);
        words.ShouldContain(w => w == "pneumon" || w == "doctor" || w == "bacteri" || w == "respirator" || w == "drug" || w == "medic");

        // Other languages are matched by their words: nothing is there that the text does not have.
        string[] others =
        [
            "Der Arzt verschrieb ein Antibiotikum gegen die Entzündung der Lunge.", "El médico recetó un antibiótico contra la infección de los pulmones.",
            "Le médecin a prescrit un antibiotique contre l'infection des poumons.", "O médico receitou um antibiótico contra a infeção dos pulmões.",
            "Врач прописал антибиотик против воспаления лёгких.", "医生开了抗生素来治疗肺部感染。", "医師は肺の感染症に抗生物質を処方した。", "وصف الطبيب مضادا حيويا لعلاج التهاب الرئة",
        ];
        foreach (var (text, vector) in others.Zip(encoder.EncodeDocuments(others, default)))
        {
            vector.Indices.Length.ShouldBeInRange(3, 40, text);
            vector.Indices.ShouldBeSubsetOf(encoder.Tokenize(text).Select(t => t.Id), text);
        }

        string[] Words(EncodedText text) => [.. text.Indices.Select(encoder.GetFeature)];
    }

    [Fact]
    public void It_is_small_and_says_where_it_comes_from()
    {
        var package = Path.Combine(AppContext.BaseDirectory, "models", ModelRegistry.DefaultModel);
        Directory.EnumerateFiles(package, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length).ShouldBeLessThan(8_000_000);
        Directory.Exists(Path.Combine(package, "training")).ShouldBeFalse();
        var card = File.ReadAllText(Path.Combine(package, "README.md"));
        foreach (var part in new[] { "seed", "all-minilm-l6-v2", "CC BY 4.0", "Apache-2.0", "splade eval", "processor minutes", "license: apache-2.0" })
        {
            card.ShouldContain(part);
        }
    }

    [SkippableFact]
    public void Its_documents_have_less_than_250_terms_on_average()
    {
        var corpus = Path.Combine(SharedData.Require("cranfield"), "corpus.jsonl");
        string[] texts = [.. File.ReadLines(corpus).Take(300).Select(l => System.Text.Json.JsonDocument.Parse(l).RootElement.GetProperty("text").GetString()!)];
        using var registry = new ModelRegistry(_folder.Path);
        registry.Get(ModelRegistry.DefaultModel).EncodeDocuments(texts, default).Average(v => v.Indices.Length).ShouldBeInRange(60, 250);
    }

    private static float Dot(EncodedText query, EncodedText document) =>
        query.Indices.Select((id, i) => Array.BinarySearch(document.Indices, id) is >= 0 and var place ? query.Weights[i] * document.Weights[place] : 0).Sum();
}
