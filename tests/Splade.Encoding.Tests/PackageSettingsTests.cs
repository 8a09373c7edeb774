using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;
using Splade.Tests;

namespace Splade.Encoding.Tests;

/// <summary>What splade.json and the settings of a field do to vectors.</summary>
public sealed class PackageSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Documents_are_pruned_as_the_package_says_unless_the_field_says_otherwise()
    {
        using var plain = Encoder(null);
        using var pruned = Encoder("""{"document":{"prune_type":"top_k","prune_ratio":2}}""");
        var whole = Encode(plain, "cat dog");
        var two = Encode(pruned, "cat dog");
        two.Indices.Length.ShouldBe(2);
        two.UnprunedCount.ShouldBe(whole.Indices.Length);
        two.Weights.Order().ShouldBe(whole.Weights.Order().TakeLast(2));
        Encode(pruned, "cat dog", new EncodingSettings { Pruning = PruneSettings.None }).Weights.ShouldBe(whole.Weights);
        Encode(plain, "cat dog", new EncodingSettings { Pruning = new PruneSettings(PruneType.TopK, 1) }).Weights.ShouldBe([whole.Weights.Max()]);
        pruned.EncodeQuery("cat dog", default).Weights.ShouldBe(whole.Weights);
        pruned.EncodeQuery("cat dog", new EncodingSettings { QueryPruning = new PruneSettings(PruneType.TopK, 1) }, default).Weights.ShouldBe([whole.Weights.Max()]);
    }

    [Fact]
    public void The_expansion_weight_is_for_terms_that_the_document_does_not_have()
    {
        using var plain = Encoder(null);
        using var half = Encoder("""{"document":{"expansion_weight":0.5}}""");
        using var none = Encoder("""{"document":{"expansion_weight":0}}""");
        int[] own = [2, 3, 5, 6];
        var whole = Encode(plain, "cat dog");
        whole.Indices.ShouldContain(i => !own.Contains(i));
        Encode(half, "cat dog").Weights.ShouldBe(whole.Weights.Select((w, i) => own.Contains(whole.Indices[i]) ? w : w * 0.5f));
        Encode(none, "cat dog").Indices.ShouldBe(whole.Indices.Where(own.Contains));
    }

    [Fact]
    public void A_long_text_is_the_maximum_of_its_passages()
    {
        using var encoder = Encoder("""{"max_tokens":6}""");
        const string Text = "Cat dog fish. Fish fishes. Dog.";
        Encode(encoder, Text).Truncated.ShouldBeTrue();
        var settings = new EncodingSettings { Chunking = new ChunkingSettings(ChunkingStrategy.Sentence, null, 0, 100) };
        var long_ = Encode(encoder, Text, settings);
        long_.Truncated.ShouldBeFalse();
        string[] passages = ["Cat dog fish.", "Fish fishes.", "Dog."];
        var parts = passages.Select(p => Encode(encoder, p)).ToArray();
        long_.Passages.ShouldBe(3);
        long_.TokenCount.ShouldBe(parts.Sum(p => p.TokenCount));
        long_.Indices.ShouldBe(parts.SelectMany(p => p.Indices).Distinct().Order());
        long_.Weights.ShouldBe(long_.Indices.Select(i => parts.Max(p => Weight(p, i))));
        Encode(encoder, Text, settings with { Chunking = settings.Chunking with { MaxChunks = 2 } }).Truncated.ShouldBeTrue();
        Encode(encoder, "", settings).Passages.ShouldBe(1);
    }

    [Fact]
    public void Query_settings_count_blend_and_bring_neighbours()
    {
        Package("""{"query":{"term_counts":true,"collection_idf":true,"collection_idf_from":0.5,"neighbours":{"file":"near.json","count":1,"weight":0.5}}}""")
            .Write("idf.json", """{"cat": 2, "dog": 1}""");
        File.WriteAllText(Path.Combine(_folder.Path, "models/tiny/near.json"), """{"cat": {"fish": 0.5, "dog": 0.8, "cat": 1}, "dog": {"##es": 0.25}, "absent": {"cat": 1}}""");
        using var registry = new ModelRegistry(_folder.Path);
        var query = registry.Get("tiny").EncodeQuery("cat cat dog", default);
        query.Indices.ShouldBe([5, 6, 8]);
        query.Weights.ShouldBe([4f, 1f + (4f * 0.5f * 0.8f), 0.125f]);
        query.ShippedIdf.ShouldBe([2f, 1f, 0f]);
        query.CountedFrom.ShouldBe(0.5f);
        var pruned = registry.Get("tiny").EncodeQuery("cat cat dog", new EncodingSettings { QueryPruning = new PruneSettings(PruneType.TopK, 2) }, default);
        pruned.Indices.ShouldBe([5, 6]);
        pruned.ShippedIdf.ShouldBe([2f, 1f]);
        pruned.CountedFrom.ShouldBe(0.5f);
    }

    [Theory]
    [InlineData("""{"document":{"prune_type":"nonsense","prune_ratio":2}}""", "nonsense")]
    [InlineData("""{"document":{"prune_type":7}}""", "[prune_type] of [7]")]
    [InlineData("""{"document":{"expansion_weight":-1}}""", "expansion_weight")]
    [InlineData("""{"document":{"expansion":1}}""", "[expansion]")]
    [InlineData("""{"document":[]}""", "[document]")]
    [InlineData("""{"query":{"term_counts":"yes"}}""", "term_counts")]
    [InlineData("""{"query":{"term_counts":true}}""", "no idf.json")]
    [InlineData("""{"query":{"neighbours":{"count":0}}}""", "[count] of [0]")]
    [InlineData("""{"query":{"collection_idf_share":1.5}}""", "[collection_idf_share] of [1.5]")]
    [InlineData("""{"query":{"pairs":{"count":4}}}""", "[pairs] needs [first]")]
    [InlineData("""{"query":{"pairs":{"first":4}}}""", "[pairs] needs [count]")]
    [InlineData("""{"query":{"pairs":{"first":4,"count":0}}}""", "[count] of [0]")]
    public void Settings_that_do_not_work_are_refused_with_their_file(string settings, string said)
    {
        Package(settings);
        using var registry = new ModelRegistry(_folder.Path);
        var error = Should.Throw<ModelPackageException>(() => registry.Get("tiny"));
        error.Message.ShouldContain(said);
        error.File.ShouldEndWith("splade.json");
    }

    [Fact]
    public void A_missing_or_damaged_table_of_neighbours_is_refused()
    {
        var package = Package("""{"query":{"neighbours":{"file":"near.json"}}}""");
        package.Write("idf.json", """{"cat": 2}""");
        using var registry = new ModelRegistry(_folder.Path);
        Should.Throw<ModelPackageException>(() => registry.Get("tiny")).File.ShouldEndWith("near.json");
        package.Write("near.json", """{"cat": {"dog": 7}}""");
        Should.Throw<ModelPackageException>(() => registry.Get("tiny")).Message.ShouldContain("[dog]");
    }

    private static EncodedText Encode(ISparseEncoder encoder, string text, EncodingSettings? settings = null) =>
        encoder.EncodeDocuments([text], settings ?? EncodingSettings.Default, default)[0];

    private static float Weight(EncodedText text, int id) => Array.BinarySearch(text.Indices, id) is >= 0 and var place ? text.Weights[place] : 0f;

    private TinyPackage Package(string? settings)
    {
        var folder = Path.Combine(_folder.Path, "models/tiny");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        var package = new TinyPackage(folder);
        if (settings is not null)
        {
            package.Write("splade.json", settings);
        }

        return package;
    }

    private ISparseEncoder Encoder(string? settings)
    {
        Package(settings);
        return new ModelRegistry(_folder.Path).Get("tiny");
    }
}
