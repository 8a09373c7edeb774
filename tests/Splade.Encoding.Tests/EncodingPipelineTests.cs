using System.Collections;
using CsCheck;
using Splade.Encoding.Packages;
using Splade.Encoding.Passages;
using Splade.Encoding.Pruning;
using Splade.Tests;

namespace Splade.Encoding.Tests;

public sealed class EncodingPipelineTests : IDisposable
{
    private static readonly string[] Words = ["cat", "dog", "fish", "fishes", "."];
    private static readonly Gen<string[]> Texts = Gen.OneOfConst(Words).Array[0, 40].Select(words => string.Join(' ', words)).Array[1, 60];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Texts_together_get_the_vectors_that_they_get_alone()
    {
        var package = new TinyPackage(_folder.Path);
        using var alone = Open(package, 1 << 20, 1);
        var chunking = new EncodingSettings { Chunking = new ChunkingSettings(ChunkingStrategy.Word, 16, 3, ChunkingSettings.DefaultMaxChunks) };
        Gen.Select(Texts, Gen.Int[1, 200], Gen.Int[1, 9], Gen.Bool, Gen.Int[1, 5]).Sample(
            (texts, batchTokens, batchTexts, chunk, threads) =>
            {
                using var encoder = Open(package, batchTokens, batchTexts, threads);
                var settings = chunk ? chunking : new EncodingSettings();
                var together = encoder.EncodeDocuments(texts, settings, default);
                together.Count.ShouldBe(texts.Length);
                for (var i = 0; i < texts.Length; i++)
                {
                    ShouldBeSame(together[i], alone.EncodeDocuments([texts[i]], settings, default)[0]);
                }
            },
            iter: 30);
    }

    [Fact]
    public void Passages_scored_one_by_one_have_the_vectors_that_they_get_as_texts()
    {
        var package = new TinyPackage(_folder.Path);
        var chunking = new ChunkingSettings(ChunkingStrategy.Word, 16, 0, ChunkingSettings.DefaultMaxChunks);
        var pruning = new PruneSettings(PruneType.TopK, 3);
        using var alone = Open(package, 1 << 20, 1);
        Gen.Select(Texts, Gen.Int[1, 200], Gen.Int[1, 5], Gen.Bool).Sample(
            (texts, batchTokens, threads, prune) =>
            {
                using var encoder = Open(package, batchTokens, 4, threads);
                var settings = new EncodingSettings { Chunking = chunking with { Scoring = PassageScoring.Passage }, Pruning = prune ? pruning : null };
                var together = encoder.EncodeDocuments(texts, settings, default);
                for (var i = 0; i < texts.Length; i++)
                {
                    // Sixteen pieces a passage: no word of these texts has fewer than one or more than two ("fish", "##es"), which no cut separates.
                    var passages = Cut(encoder, texts[i], 16);
                    var expected = passages.Select(p => alone.EncodeDocuments([p], settings with { Chunking = ChunkingSettings.None }, default)[0]).ToList();
                    ShouldBeSame(together[i], expected[0] with { TokenCount = expected.Sum(e => e.TokenCount), Passages = expected.Count });
                    together[i].FurtherPassages.Select(p => p.Indices).ShouldBe(expected.Skip(1).Select(e => e.Indices));
                    together[i].FurtherPassages.Select(p => p.Weights).ShouldBe(expected.Skip(1).Select(e => e.Weights));
                }
            },
            iter: 20);
    }

    [Fact]
    public void Cancellation_in_the_middle_stops_it_and_leaves_the_encoder_whole()
    {
        using var encoder = Open(new TinyPackage(_folder.Path), 64, 2);
        var texts = ManyTexts();
        foreach (var text in new[] { 0, 3, 100, texts.Length - 1 })
        {
            using var cancellation = new CancellationTokenSource();
            Should.Throw<OperationCanceledException>(
                () => encoder.EncodeDocuments(new WatchedTexts(texts, text, cancellation.Cancel), new EncodingSettings(), cancellation.Token));
        }

        ShouldEncode(encoder, texts);
    }

    [Fact]
    public void A_weight_that_is_no_number_in_the_middle_fails_the_call_and_no_later_one()
    {
        var package = new TinyPackage(_folder.Path);
        var table = package.Table;
        table[(7 * TinyPackage.Vocabulary.Length) + 4] = float.PositiveInfinity;
        _ = new TinyPackage(_folder.Path, table: table);
        using var encoder = Open(package, 64, 2);
        string[] texts = [.. ManyTexts().Select(t => t.Replace("fish", "cat", StringComparison.Ordinal))];
        string[] bad = [.. texts];
        bad[120] += " fish";
        Should.Throw<ModelPackageException>(() => encoder.EncodeDocuments(bad, new EncodingSettings(), default)).Message.ShouldContain("[4]");
        ShouldEncode(encoder, texts);
    }

    [Fact]
    public void An_encoder_that_is_disposed_of_meanwhile_ends_the_call_with_an_error()
    {
        using var encoder = Open(new TinyPackage(_folder.Path), 64, 2);
        var texts = ManyTexts();
        Should.Throw<ObjectDisposedException>(
            () => encoder.EncodeDocuments(new WatchedTexts(texts, 150, encoder.Dispose), new EncodingSettings(), default));
        Should.Throw<ObjectDisposedException>(() => encoder.EncodeDocuments(texts, new EncodingSettings(), default));
    }

    [Fact]
    public async Task A_query_is_encoded_while_documents_are_in_the_middle_of_their_work()
    {
        var package = ModelPackage.Read(new TinyPackage(_folder.Path).Folder, "tiny");
        using var encoder = new OnnxSparseEncoder(package, "", new EncoderOptions { Threads = 1, BatchTokens = 64, BatchTexts = 2, QueryLane = true });
        var texts = ManyTexts();
        using var reached = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var documents = Task.Run(() => encoder.EncodeDocuments(
            new WatchedTexts(
                texts,
                150,
                () =>
                {
                    reached.Set();
                    goOn.Wait();
                }),
            new EncodingSettings(),
            default));
        reached.Wait(TimeSpan.FromMinutes(1)).ShouldBeTrue();

        // The only thread of documents stands still; queries have their own.
        var query = encoder.EncodeQuery("cat dog", new EncodingSettings(), default);
        documents.IsCompleted.ShouldBeFalse();
        goOn.Set();
        (await documents).Count.ShouldBe(texts.Length);
        ShouldBeSame(query, encoder.EncodeDocuments(["cat dog"], new EncodingSettings(), default)[0]);
    }

    private static List<string> Cut(OnnxSparseEncoder encoder, string text, int pieces)
    {
        var passages = new List<string>();
        var words = text.Split(' ');
        for (var start = 0; start < words.Length || passages.Count == 0;)
        {
            var end = start;
            while (end < words.Length && encoder.Tokenize(string.Join(' ', words[start..(end + 1)])).Length <= pieces)
            {
                end++;
            }

            passages.Add(string.Join(' ', words[start..end]));
            start = Math.Max(end, start + 1);
        }

        return passages;
    }

    private static string[] ManyTexts() =>
        [.. Enumerable.Range(0, 200).Select(i => string.Join(' ', Enumerable.Range(0, 1 + (i / 8)).Select(w => Words[(i + (w * w)) % Words.Length])))];

    private static OnnxSparseEncoder Open(TinyPackage package, int batchTokens, int batchTexts, int threads = 3) => new(
        ModelPackage.Read(package.Folder, "tiny"), "", new EncoderOptions { Threads = threads, BatchTokens = batchTokens, BatchTexts = batchTexts });

    private static void ShouldEncode(OnnxSparseEncoder encoder, string[] texts)
    {
        var together = encoder.EncodeDocuments(texts, new EncodingSettings(), default);
        for (var i = 0; i < texts.Length; i++)
        {
            ShouldBeSame(together[i], encoder.EncodeDocuments([texts[i]], new EncodingSettings(), default)[0]);
        }
    }

    private static void ShouldBeSame(EncodedText actual, EncodedText expected)
    {
        actual.Indices.ShouldBe(expected.Indices);
        actual.Weights.ShouldBe(expected.Weights);
        (actual.TokenCount, actual.Truncated, actual.Passages).ShouldBe((expected.TokenCount, expected.Truncated, expected.Passages));
    }

    /// <summary>Does something when a text is read to be tokenized, after it was looked at twice for its length.</summary>
    private sealed class WatchedTexts(string[] texts, int watched, Action then) : IReadOnlyList<string>
    {
        private int _seen;

        public int Count => texts.Length;

        public string this[int index]
        {
            get
            {
                if (index == watched && Interlocked.Increment(ref _seen) == 3)
                {
                    then();
                }

                return texts[index];
            }
        }

        public IEnumerator<string> GetEnumerator() => texts.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
