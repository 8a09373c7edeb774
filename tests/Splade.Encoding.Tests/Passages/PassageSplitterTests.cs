using CsCheck;
using Splade.Encoding.Passages;
using Splade.Encoding.Tokenizing;

namespace Splade.Encoding.Tests.Passages;

public sealed class PassageSplitterTests
{
    private static readonly Gen<string> Texts = Gen.OneOfConst("cat", "dog", "x", ".", "!", "?", " ", " ", " ", "\n\n", "\n", "Dr. ", "A", "海", "。", "🐟", "👩‍🚀", "é", "1", "ä")
        .List[0, 120].Select(parts => string.Concat(parts));

    private static readonly Gen<ChunkingSettings> Settings = Gen.Select(
        Gen.OneOfConst(ChunkingStrategy.Sentence, ChunkingStrategy.Word), Gen.Int[5, 40], Gen.Int[0, 6],
        (strategy, size, overlap) => new ChunkingSettings(strategy, size, overlap, 1000));

    [Fact]
    public void Passages_cover_the_text_in_order_within_the_limit_and_cut_no_character() =>
        Gen.Select(Texts, Settings, Gen.Int[5, 50], Gen.Bool).Sample((text, settings, limit, bytes) =>
        {
            var pieces = bytes ? Bytes(text) : Words(text);
            var passages = PassageSplitter.Split(text, pieces, limit, settings);
            var size = Math.Min(limit, settings.MaxChunkSize!.Value);
            passages[0].Start.ShouldBe(0);
            passages[^1].End.ShouldBe(pieces.Count);
            foreach (var (start, end) in passages)
            {
                (end - start).ShouldBeLessThanOrEqualTo(size);
                foreach (var cut in new[] { start, end }.Where(c => c > 0 && c < pieces.Count))
                {
                    // Neither inside the bytes of a character nor inside a surrogate pair.
                    pieces[cut].Start.ShouldBeGreaterThanOrEqualTo(pieces[cut - 1].End);
                    char.IsLowSurrogate(text[pieces[cut].Start]).ShouldBeFalse();
                }
            }

            for (var i = 1; i < passages.Count; i++)
            {
                passages[i].Start.ShouldBeLessThanOrEqualTo(passages[i - 1].End);
                passages[i].Start.ShouldBeGreaterThan(passages[i - 1].Start);
                passages[i].End.ShouldBeGreaterThan(passages[i - 1].End);
            }
        });

    [Fact]
    public void Whole_sentences_stay_together_and_the_last_is_repeated()
    {
        const string Text = "One two three. Four five six! Seven eight nine? Ten.";
        Split(Text, new ChunkingSettings(ChunkingStrategy.Sentence, 8, 0, 100)).ShouldBe(["One two three. Four five six!", "Seven eight nine? Ten."]);
        Split(Text, new ChunkingSettings(ChunkingStrategy.Sentence, 8, 1, 100)).ShouldBe(["One two three. Four five six!", "Four five six! Seven eight nine?", "Seven eight nine? Ten."]);
        Split(Text, new ChunkingSettings(ChunkingStrategy.Word, 5, 2, 100))[..2].ShouldBe(["One two three. Four", ". Four five six!"]);
        Split(Text, new ChunkingSettings(ChunkingStrategy.Sentence, 8, 1, 1)).ShouldBe(["One two three. Four five six!"]);
        Split(Text, ChunkingSettings.None).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("Dr. Smith met J. Doe. They talked", new[] { 22 })]
    [InlineData("It is 3.5 km, e.g. far. no", new int[0])]
    [InlineData("海は広い。空は青い！", new[] { 5 })]
    [InlineData("He said \"Stop.\" Then he left", new[] { 16 })]
    [InlineData("A heading\n\nthe text", new[] { 11 })]
    [InlineData("one line\nthe next", new int[0])]
    [InlineData("Wait... What", new[] { 8 })]
    [InlineData("मैं घर। तुम", new[] { 8 })]
    public void Sentences_are_found_by_punctuation(string text, int[] starts) => SentenceBreaks.Find(text).ShouldBe(starts);

    [Theory]
    [InlineData("paragraph", null, null, null, "strategy] of [paragraph")]
    [InlineData(null, 100, null, null, "[strategy] is missing")]
    [InlineData("none", 100, null, null, "takes no other settings")]
    [InlineData("sentence", null, 10, null, "sentence_overlap")]
    [InlineData("word", null, null, 1, "[overlap]")]
    [InlineData("word", 5, null, null, "max_chunk_size] of [5")]
    [InlineData("word", 100, 51, null, "overlap] of [51")]
    [InlineData("sentence", 100, null, 11, "sentence_overlap] of [11")]
    public void Settings_that_do_not_work_are_refused_by_name(string? strategy, int? size, int? overlap, int? sentences, string said) =>
        Should.Throw<FormatException>(() => ChunkingSettings.Parse(strategy, size, overlap, sentences, null)).Message.ShouldContain(said);

    private static List<string> Split(string text, ChunkingSettings settings)
    {
        var pieces = Words(text);
        return [.. PassageSplitter.Split(text, pieces, 100, settings).Select(p => text[pieces[p.Start].Start..pieces[p.End - 1].End])];
    }

    /// <summary>Runs of letters, and every other character alone.</summary>
    private static List<PieceOccurrence> Words(string text)
    {
        var pieces = new List<PieceOccurrence>();
        for (var i = 0; i < text.Length;)
        {
            var end = i + (char.IsSurrogatePair(text, i) ? 2 : 1);
            while (char.IsAsciiLetter(text[i]) && end < text.Length && char.IsAsciiLetter(text[end]))
            {
                end++;
            }

            if (!char.IsWhiteSpace(text[i]))
            {
                pieces.Add(new PieceOccurrence(0, i, end));
            }

            i = end;
        }

        return pieces;
    }

    /// <summary>As byte-level vocabularies have it: a piece for each UTF-8 byte, all with the place of their character.</summary>
    private static List<PieceOccurrence> Bytes(string text)
    {
        var pieces = new List<PieceOccurrence>();
        var place = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            pieces.AddRange(Enumerable.Repeat(new PieceOccurrence(0, place, place + rune.Utf16SequenceLength), rune.Utf8SequenceLength));
            place += rune.Utf16SequenceLength;
        }

        return pieces;
    }
}
