using System.Collections.Immutable;
using Splade.Cluster.Encoding;
using Splade.Encoding;
using Splade.Index;

namespace Splade.Cluster.Tests.Encoding;

public sealed class EncodedTextsTests
{
    private static readonly EncodedText Text = new([2, 5], [3f, 4f], 7, true) { Passages = 2, FurtherPassages = [new PassageVector([1], [0.5f])], UnprunedCount = 9 };

    [Fact]
    public void Vectors_go_as_they_are_where_they_are_compared_by_products()
    {
        var document = Text.ToDocument(new Named(Similarity.Dot));
        document.Features.ShouldBe([new FeatureWeight("f2", 3f), new FeatureWeight("f5", 4f)]);
        document.FurtherPassages.ShouldHaveSingleItem().ShouldBe([new FeatureWeight("f1", 0.5f)]);
        (document.TokenCount, document.Truncated, document.Passages, document.UnprunedCount).ShouldBe((7, true, 2, 9));
    }

    [Fact]
    public void Vectors_get_the_length_1_where_they_are_compared_by_cosine()
    {
        var document = Text.ToDocument(new Named(Similarity.Cosine));
        document.Features.ShouldBe([new FeatureWeight("f2", 0.6f), new FeatureWeight("f5", 0.8f)]);
        document.FurtherPassages.ShouldHaveSingleItem().ShouldBe([new FeatureWeight("f1", 1f)]);
        new EncodedText([], [], 2, false).ToDocument(new Named(Similarity.Cosine)).Features.ShouldBeEmpty();
    }

    private sealed class Named(Similarity similarity) : ISparseEncoder
    {
        public ModelDescription Description { get; } = new("m", 10, 128, false, "CPU", "") { Similarity = similarity };

        public string GetFeature(int id) => $"f{id}";

        public IReadOnlyList<EncodedText> EncodeDocuments(IReadOnlyList<string> texts, EncodingSettings settings, CancellationToken cancellationToken) => throw new NotSupportedException();

        public EncodedText EncodeQuery(string text, EncodingSettings settings, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ImmutableArray<TextToken> Tokenize(string text) => throw new NotSupportedException();

        public ImmutableArray<TextToken> ModelInput(string text, bool asQuery) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
