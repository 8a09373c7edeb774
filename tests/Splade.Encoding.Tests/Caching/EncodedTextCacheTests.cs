using System.Collections.Immutable;
using Splade.Encoding.Caching;
using Splade.Encoding.Pruning;

namespace Splade.Encoding.Tests.Caching;

public sealed class EncodedTextCacheTests
{
    [Fact]
    public void A_text_is_encoded_once_for_a_model_and_its_settings()
    {
        var encoder = new CountingEncoder("a");
        var cache = new EncodedTextCache(1 << 20);
        var settings = EncodingSettings.Default;
        cache.EncodeDocuments(encoder, ["one", "two", "one"], settings, default).Select(t => t.Indices[0]).ShouldBe([3, 3, 3]);
        encoder.Encoded.ShouldBe(["one", "two"]);
        cache.EncodeDocuments(encoder, ["three", "two"], settings, default).Select(t => t.Indices[0]).ShouldBe([5, 3]);
        encoder.Encoded.ShouldBe(["one", "two", "three"]);

        // Other settings and another package give other vectors; settings are equal by value.
        cache.EncodeDocuments(encoder, ["one"], settings with { Pruning = new PruneSettings(PruneType.TopK, 1) }, default);
        cache.EncodeDocuments(encoder, ["one"], settings with { Pruning = new PruneSettings(PruneType.TopK, 1) }, default);
        encoder.Encoded.Count.ShouldBe(4);
        var other = new CountingEncoder("b");
        cache.EncodeDocuments(other, ["one"], settings, default);
        other.Encoded.ShouldBe(["one"]);
    }

    [Fact]
    public void It_holds_no_more_than_its_bytes_and_forgets_what_was_not_used_longest()
    {
        var encoder = new CountingEncoder("a");
        var cache = new EncodedTextCache(1000);
        foreach (var text in (string[])["1", "2", "3", "1", "4"])
        {
            cache.EncodeDocuments(encoder, [text], EncodingSettings.Default, default);
            cache.Bytes.ShouldBeLessThanOrEqualTo(1000);
        }

        encoder.Encoded.ShouldBe(["1", "2", "3", "4"]);
        cache.EncodeDocuments(encoder, ["1"], EncodingSettings.Default, default);
        encoder.Encoded.Count.ShouldBe(4);
        cache.EncodeDocuments(encoder, ["2"], EncodingSettings.Default, default);
        encoder.Encoded.Count.ShouldBe(5);
    }

    [Fact]
    public void Without_room_repeated_texts_of_a_call_are_still_encoded_once()
    {
        var encoder = new CountingEncoder("a");
        var cache = new EncodedTextCache(0);
        cache.EncodeDocuments(encoder, ["x", "x"], EncodingSettings.Default, default).Count.ShouldBe(2);
        cache.EncodeDocuments(encoder, ["x"], EncodingSettings.Default, default);
        encoder.Encoded.ShouldBe(["x", "x"]);
        cache.Bytes.ShouldBe(0);
    }

    [Fact]
    public void Dense_vectors_are_kept_beside_sparse_ones_and_whatever_the_pruning()
    {
        var sparse = new CountingEncoder("a");
        var dense = new CountingDenseEncoder("d");
        var cache = new EncodedTextCache(1000);
        var pruned = EncodingSettings.Default with { Pruning = new PruneSettings(PruneType.TopK, 1) };
        cache.EncodeDocuments(dense, ["one", "two", "one"], EncodingSettings.Default, default).Select(t => t.Vector[0]).ShouldBe([3f, 3f, 3f]);
        cache.EncodeDocuments(sparse, ["one"], EncodingSettings.Default, default)[0].Indices.ShouldBe([3]);
        cache.EncodeDocuments(dense, ["two", "three"], pruned, default).Select(t => t.Vector[0]).ShouldBe([3f, 5f]);
        dense.Encoded.ShouldBe(["one", "two", "three"]);
        cache.EncodeDocuments(dense, ["three"], EncodingSettings.Default with { Chunking = Splade.Encoding.Passages.ChunkingSettings.Default }, default);
        dense.Encoded.Count.ShouldBe(4);
        cache.Bytes.ShouldBeInRange(1, 1000);
    }

    private sealed class CountingDenseEncoder(string fingerprint) : IDenseEncoder
    {
        public List<string> Encoded { get; } = [];

        public ModelDescription Description { get; } = new("dense", 10, 10, true, "CPU", fingerprint);

        public int Dimensions => 2;

        public bool IsNormalized => false;

        public IReadOnlyList<EmbeddedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
        {
            Encoded.AddRange(texts);
            return [.. texts.Select(t => new EmbeddedText([t.Length, 0f], 1, false, 1))];
        }

        public ImmutableArray<TextToken> ModelInput(string text, bool asQuery) => throw new NotSupportedException();

        public float[] EncodeQuery(string text, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    private sealed class CountingEncoder(string fingerprint) : ISparseEncoder
    {
        public List<string> Encoded { get; } = [];

        public ModelDescription Description { get; } = new("model", 10, 10, true, "CPU", fingerprint);

        public IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken)
        {
            Encoded.AddRange(texts);
            return [.. texts.Select(t => new EncodedText([t.Length], [1f], 1, false))];
        }

        public EncodedText EncodeQuery(string text, EncodingSettings settings, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ImmutableArray<TextToken> Tokenize(string text) => throw new NotSupportedException();

        public ImmutableArray<TextToken> ModelInput(string text, bool asQuery) => throw new NotSupportedException();

        public string GetFeature(int id) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
