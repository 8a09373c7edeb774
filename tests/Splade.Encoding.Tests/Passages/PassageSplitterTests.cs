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
    [InlineData("「はい。」と言った。次", new[] { 5, 10 })]
    [InlineData("今天很好！你好吗？好。", new[] { 5, 9 })]
    [InlineData("¿Qué tal? Bien. ¡Adiós! fin", new[] { 10, 16 })]
    [InlineData("Это т. е. дом. Вот он.", new[] { 15 })]
    [InlineData("ما اسمك؟ أنا علي. وأنت", new[] { 9, 18 })]
    [InlineData("هذا صحيح۔ نعم", new[] { 10 })]
    [InlineData("ሰላም። እንዴት ነህ", new[] { 5 })]
    [InlineData("နေကောင်းလား။ဟုတ်", new[] { 12 })]
    [InlineData("Das kostet 3,5 Mio. Euro. Na ja, z.B. so", new[] { 26 })]
    public void Sentences_are_found_by_punctuation(string text, int[] starts) => SentenceBreaks.Find(text).ShouldBe(starts);

    [Theory]
    [InlineData("don't", new[] { 5 })]
    [InlineData("it’s 3.5", new[] { 4, 5, 8 })]
    [InlineData("1,000.", new[] { 5, 6 })]
    [InlineData("end.Next", new[] { 3, 4, 8 })]
    [InlineData("हिन्दी में", new[] { 6, 7, 10 })]
    [InlineData("cafe\u0301s au", new[] { 6, 7, 9 })]
    [InlineData("한국어 책", new[] { 3, 4, 5 })]
    [InlineData("東京タワーだ", new[] { 1, 2, 5, 6 })]
    [InlineData("👩\u200D🚀👍🏽", new[] { 5, 9 })]
    [InlineData("🇩🇪🇫🇷", new[] { 4, 8 })]
    [InlineData("می\u200Cخواهم رفت", new[] { 8, 9, 12 })]
    [InlineData("snake_case-x", new[] { 10, 11, 12 })]
    [InlineData("ภาษาไทย ดี", new[] { 7, 8, 10 })]
    public void Words_end_where_their_script_says(string text, int[] borders)
    {
        var found = new WordBorders(text);
        Enumerable.Range(1, text.Length).Where(found.IsWordStart).ShouldBe(borders);
        Enumerable.Range(0, text.Length + 1).Where(found.IsWordStart).ShouldAllBe(place => found.IsCharacterStart(place));
    }

    [Fact]
    public void No_word_that_fits_is_cut() =>
        Gen.Select(Gen.OneOfConst("cat", "don't", "3.14", "cafe\u0301s", "हिन्दी", "한국어", "слово", "مرحبا", ".", "Мир!", "naïve").Array[1, 60], Gen.Int[8, 30], Gen.Int[0, 4], Gen.Bool)
            .Sample((words, size, overlap, sentences) =>
            {
                var text = string.Join(' ', words);
                var pieces = Characters(text);
                var settings = new ChunkingSettings(sentences ? ChunkingStrategy.Sentence : ChunkingStrategy.Word, size, overlap, 1000);
                foreach (var (start, end) in PassageSplitter.Split(text, pieces, size, settings))
                {
                    var (from, to) = (pieces[start].Start, pieces[end - 1].End);
                    (from == 0 || text[from - 1] == ' ' || text[from] is '.' or '!').ShouldBeTrue($"{text}: {from}");
                    (to == text.Length || text[to] is ' ' or '.' or '!').ShouldBeTrue($"{text}: {to}");
                }
            });

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

    [Fact]
    public void Scoring_is_of_documents_where_nothing_is_said()
    {
        ChunkingSettings.Parse("sentence", null, null, null, null).Scoring.ShouldBe(PassageScoring.Document);
        ChunkingSettings.Parse("word", null, null, null, null, "passage").Scoring.ShouldBe(PassageScoring.Passage);
        Should.Throw<FormatException>(() => ChunkingSettings.Parse("word", null, null, null, null, "best")).Message.ShouldContain("[scoring] of [best] is unknown");
        Should.Throw<FormatException>(() => ChunkingSettings.Parse("none", null, null, null, null, "passage")).Message.ShouldContain("takes no other settings");
    }

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

    /// <summary>Every character alone, marks too.</summary>
    private static List<PieceOccurrence> Characters(string text) =>
        [.. Enumerable.Range(0, text.Length).Where(i => text[i] != ' ').Select(i => new PieceOccurrence(0, i, i + 1))];

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
